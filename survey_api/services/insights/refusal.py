"""The one way disclosure control says no: a code for programs and a sentence for the person."""


class ReleaseRefused(Exception):
    """Nothing was published. `sentence` says in Japanese what is wrong and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
