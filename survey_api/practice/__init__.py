"""The invented city 雪野市 that staff train on and `make run` shows; every person in it is made up."""
