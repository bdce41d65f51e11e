"""How disclosure control says no."""

from survey_api.kit.problems import Problem


class ReleaseRefused(Problem):
    """Nothing was published. The code tells programs why, the sentence tells the person what to do."""

    status = 409

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
