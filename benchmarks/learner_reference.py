"""scikit-learn on the rows of ``benchmarks/learner.py``, which runs this file in a separate environment.

Reads ``{"training": [[prompt, answer], ...], "held_out": ...}`` from standard input and prints the processor seconds of
each round (words to numbers, then one logistic regression), and the share of held-out answers that are right.
"""

from __future__ import annotations

import json
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def main() -> None:
    """Train some rounds and print one JSON object."""
    rows = json.load(sys.stdin)
    prompts, answers = zip(*rows["training"], strict=True)
    asked, wanted = zip(*rows["held_out"], strict=True)
    seconds, score = [], 0.0
    for _ in range(rows["rounds"]):
        begin = time.process_time()
        words = TfidfVectorizer()
        model = LogisticRegression(max_iter=1000).fit(words.fit_transform(prompts), answers)
        seconds.append(time.process_time() - begin)
        score = float(model.score(words.transform(asked), wanted))
    print(json.dumps({"seconds": seconds, "exact_match": score}))


if __name__ == "__main__":
    main()
