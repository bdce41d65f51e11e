"""相談をつなぐシート: what is handed over, to whom, with which consent."""
