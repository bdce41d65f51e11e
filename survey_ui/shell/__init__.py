"""How a page is built: templates, texts, guards, forms, assets."""
