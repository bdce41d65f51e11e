"""オンライン相談 between branch offices and the desks of the head office."""
