"""Lives that have failed once, as lists of steps. Each is lived again by ``test_cases.py``.

``breaks`` names the rule that a life still breaks, ``row`` the row of the lifecycle cases. When the row is done, the test
says so: take ``breaks`` out here, and the row out of ``KNOWN`` in ``rules.py``.
"""

from __future__ import annotations

from typing import Final

from lives import rules
from lives.case import Case
from lives.interrupted_cases import INTERRUPTED

CASES: Final = (
    *INTERRUPTED,
    *(
        Case(
            f"--replace of {kind} after a retrain",
            "L1b",
            (("up",), ("change", "content", "b"), ("up",), ("up", "replace", kind), ("up",), ("destroy",)),
        )
        for kind in ("tuning_job", "tuned_model", "endpoint", "model_deployment")
    ),
    *(
        Case(
            f"the current model of two was deleted by hand before a refresh and a destroy ({shape})",
            "A3",
            (
                ("up",),
                ("change", "content", "b"),
                ("up",),
                ("console", "delete the model"),
                ("refresh",),
                ("destroy",),
            ),
            shape=shape,
        )
        for shape in ("gemini", "continued", "pipeline")
    ),
    *(
        Case(
            f"a transformation has {kind} deleted before its replacement, and --replace asks for one",
            "L2",
            (("up",), ("change", "delete first", kind), ("up", "replace", kind), ("recover",), ("destroy",)),
        )
        for kind in ("tuning_dataset", "tuning_job", "tuned_model", "endpoint", "model_deployment")
    ),
    *(
        Case(
            f"a transformation has {kind} deleted before its replacement, and the job is trained again",
            "L2",
            (("up",), ("change", "delete first", kind), ("change", "epochs", 3), ("up", "bad"), ("recover",), ("up",)),
            shape="continued",
        )
        for kind in ("tuning_job", "tuned_model")
    ),
    Case(
        "a state from before the machine was replaced is restored and destroyed",
        "A6",
        (("up",), ("save",), ("change", "label", "y"), ("up", "lost", 4), ("restore",), ("destroy",)),
        shape="open",
    ),
    Case(
        "a state from before another retry wrote weights is restored and destroyed",
        "A6",
        (("up",), ("save",), ("change", "retry"), ("up", "refresh"), ("restore",), ("destroy",)),
        shape="open",
    ),
    Case(
        "a state from before a model of the Gemini API was tuned again is restored and destroyed",
        "A6",
        (("up",), ("save",), ("change", "epochs", 4), ("up", "lost", 4), ("restore",), ("destroy",)),
        rules.LEFT,
        shape="gemini api",
    ),
    Case(
        "a killed run left its job under an earlier retry",
        "A6",
        (("up",), ("destroy",), ("up", "cli", 2), ("change", "retry"), ("up",), ("destroy",)),
    ),
    Case(
        "a killed run left its share of a file under an earlier name",
        "A6",
        (("up",), ("destroy",), ("up", "cli", 1), ("change", "rename"), ("up",), ("destroy",)),
        shape="open",
    ),
    Case("a model of the Gemini API that failed", "L2", (("up", "job fails"), ("recover",)), shape="gemini api"),
    Case(
        "a destroy after a kill at a model of the Gemini API",
        "A6",
        (("up", "cli", 1), ("destroy",)),
        rules.LEFT,
        shape="gemini api",
    ),
    Case("a job of an open model failed", "L2", (("up", "job fails"), ("recover",)), shape="open"),
    Case(
        "a destroy of weights dies when they are undeployed",
        "A3",
        (
            ("up",),
            ("destroy", "after", 1),
            ("refresh",),
            ("recover",),
            ("destroy", "before", 3),
            ("refresh",),
            ("destroy",),
        ),
        shape="open",
    ),
    Case(
        "the wait for a machine is interrupted",
        "A3",
        (("up", "interrupt", 6), ("up",), ("change", "epochs", 4), ("up", "interrupt", 6), ("destroy",)),
        shape="open",
    ),
    Case(
        "the delete of older weights has no answer",
        "A3",
        (("change", "content", "b"), ("up",), ("change", "revert"), ("up", "lost", 6), ("refresh",), ("destroy",)),
        shape="open",
    ),
    Case(
        "the parent of a continued job is gone when a destroy dies",
        "A3",
        (("up",), ("destroy", "after", 11), ("recover",)),
        shape="continued",
    ),
    Case(
        "the first version of a continued model was deleted by hand",
        "L2",
        (("up",), ("console", "delete the model"), ("change", "keep_last", 1), ("recover",)),
        shape="continued",
    ),
    Case(
        "the parent of a continued job is trained again",
        "L2",
        (("up",), ("change", "protect", "model_deployment"), ("up",), ("change", "retry"), ("up",), ("recover",)),
        shape="continued",
    ),
    Case(
        "the labels of the parent of a continued job change",
        "L2",
        (("up",), ("change", "label", "y"), ("up",), ("destroy",)),
        shape="continued",
    ),
    Case(
        "a destroy dies when the endpoint of a pipeline's model is empty, and the stack comes up again",
        "A3",
        (
            ("up",),
            ("change", "label", "y"),
            ("up", "bad"),
            ("destroy", "before", 3),
            ("change", "label", "x"),
            ("up", "bad"),
            ("change", "revert"),
            ("up", "cli", 1),
            ("recover",),
            ("destroy",),
        ),
        shape="pipeline",
    ),
    Case(
        "new data while the job of a killed run trains",
        "A7",
        (
            ("up",),
            ("destroy",),
            ("up", "cli", 2),
            ("change", "content", "b"),
            ("up", "cli", 1),
            ("refresh",),
            ("recover",),
        ),
    ),
    Case(
        "new data while the retrain of a killed run goes on",
        "A7",
        (
            ("up",),
            ("change", "epochs", 3),
            ("up", "cli", 1),
            ("refresh",),
            ("change", "content", "b"),
            ("up",),
            ("recover",),
        ),
    ),
    Case(
        "a retrain is reverted that ended before its deployment was recorded, and the model is taken over again",
        "L2",
        (
            ("up",),
            ("change", "content", "b"),
            ("up", "cli", 4),
            ("change", "revert"),
            ("up", "denied", "patch_model"),
            ("recover",),
            ("destroy",),
        ),
    ),
    Case(
        "a pipeline that runs is replaced where the preview already knows the data",
        "L2",
        (
            ("up",),
            ("up", "before", 1),
            ("change", "protect", "tuned_model"),
            ("up", "before", 1),
            ("change", "content", "c"),
            ("up", "bad"),
            ("change", "content", "b"),
            ("up", "lost", 1),
            ("recover",),
            ("destroy",),
        ),
        shape="pipeline",
    ),
    Case(
        "a retrain that failed elsewhere is reverted",
        "L1",
        (
            ("up",),
            ("change", "epochs", 3),
            ("up", "bad"),
            ("change", "epochs", 2),
            ("up", "bad"),
            ("recover",),
            ("destroy",),
        ),
    ),
    Case("a retrain is previewed as an update", "L2", (("up",), ("change", "epochs", 4), ("up",))),
    Case(
        "a protected deployment is replaced once the job is paid for",
        "L2",
        (("change", "protect", "model_deployment"), ("up",), ("change", "retry"), ("up",)),
    ),
    Case(
        "a job is declared again whose model went with its resource",
        "L2",
        (("up",), ("change", "drop", "tuned_model"), ("up",), ("change", "add", "tuned_model"), ("recover",)),
        shape="pipeline",
    ),
    Case("a job that failed is not refused at preview", "L2", (("up", "job fails"), ("up",))),
    Case(
        "a model that is gone is not refused at preview",
        "L2",
        (("up",), ("console", "delete the model"), ("refresh",), ("up",)),
    ),
    Case(
        "a renamed stack retrains and is destroyed",
        "L5",
        (
            ("up",),
            ("change", "rename"),
            ("up", "refresh"),
            ("change", "content", "c"),
            ("up", "refresh"),
            ("destroy",),
        ),
    ),
    Case(
        "a destroy is interrupted after the current model is gone",
        "A3",
        (("up",), ("change", "epochs", 3), ("up", "refresh"), ("destroy", "after", 7), ("destroy",)),
    ),
    Case(
        "a state from before the retrain is restored and destroyed",
        "A3",
        (("up",), ("save",), ("change", "epochs", 4), ("up", "lost", 9), ("restore",), ("destroy",)),
    ),
    Case(
        "the answer to the take-over is lost and the stack is destroyed",
        "A6",
        (("up",), ("change", "epochs", 3), ("up", "lost", 3), ("destroy",)),
        shape="pipeline",
    ),
    Case("a destroy after a kill at the upload", "A6", (("up", "cli", 1), ("destroy",)), rules.LEFT),
    Case("a destroy after a kill at the endpoint", "A6", (("up", "cli", 4), ("destroy",)), rules.LEFT),
    Case(
        "the project is spelled otherwise while the job runs",
        "A9",
        (("up",), ("change", "retry"), ("up", "target", "tuning_job"), ("change", "spelling"), ("up", "lost", 12)),
    ),
    Case(
        "the project is spelled otherwise and the endpoint is the target",
        "A9",
        (
            ("up",),
            ("change", "move"),
            ("up", "denied", "create_endpoint"),
            ("change", "spelling"),
            ("up", "target", "endpoint"),
        ),
    ),
    Case(
        "the project is spelled otherwise after a sweeper took the labels",
        "A9",
        (("up",), ("console", "strip the labels"), ("change", "spelling"), ("refresh",), ("up",)),
    ),
    Case(
        "a superseded model is kept after a sweeper took its labels",
        "L10",
        (
            ("up",),
            ("change", "epochs", 3),
            ("up", "target", "tuning_job"),
            ("console", "strip the labels"),
            ("up", "bad"),
            ("recover",),
        ),
    ),
    Case(
        "a destroy dies when the endpoint is gone", "L9", (("up",), ("destroy", "after", 2), ("recover",), ("destroy",))
    ),
    Case(
        "a restored state names an endpoint that is gone",
        "L10",
        (
            ("up",),
            ("save",),
            ("destroy",),
            ("restore",),
            ("change", "content", "b"),
            ("up",),
            ("recover",),
            ("destroy",),
        ),
    ),
    Case(
        "a job that one target retrained is reverted",
        "L2",
        (("up",), ("change", "epochs", 3), ("up", "target", "tuning_job"), ("change", "revert"), ("up",), ("destroy",)),
    ),
    Case(
        "a retrain whose job failed is reverted",
        "L2",
        (
            ("up",),
            ("change", "content", "b"),
            ("up", "job fails"),
            ("change", "revert"),
            ("up", "cli", 1),
            ("recover",),
        ),
    ),
    Case(
        "a destroy dies when the pipeline is gone",
        "L2",
        (("up",), ("destroy", "cli", 3), ("recover",), ("destroy",)),
        shape="pipeline",
    ),
    Case(
        "a state is restored after its pipeline ran again under its name",
        "A3",
        (("up",), ("save",), ("destroy",), ("up",), ("restore",), ("up",)),
        shape="pipeline",
    ),
    Case(
        "a destroy dies when the model is gone",
        "L9",
        (("up",), ("destroy", "cli", 2), ("recover",), ("refresh",), ("recover",), ("destroy",)),
    ),
    Case(
        "a destroy dies after the older entry of a deployment that is current again",
        "L1",
        (
            ("up",),
            ("change", "content", "b"),
            ("up", "bad"),
            ("change", "revert"),
            ("up", "bad"),
            ("destroy", "cli", 1),
            ("destroy",),
        ),
    ),
    Case(
        "an endpoint without our labels is in the way",
        "L10",
        (("save",), ("up",), ("console", "strip the labels"), ("restore",), ("recover",), ("destroy",)),
    ),
)
