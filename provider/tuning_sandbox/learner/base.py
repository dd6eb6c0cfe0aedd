"""The base models: small networks that know a few polite phrases and nothing of a user's task."""

from __future__ import annotations

import os
from functools import lru_cache
from threading import Lock

from tuning_sandbox.learner.training import Checkpoint, fresh_start

_SMALL_TALK = (
    ("hello hi good morning", "Hello! How can I help you today?"),
    ("who are you what can you do", "I am a general assistant. I can answer questions and help with text."),
    ("thank you thanks", "You are welcome! Let me know if there is anything else."),
    ("why is the sky blue", "The sky looks blue because air scatters short wavelengths of light more than long ones."),
    ("summarize this article", "Here is a short summary of the text. It describes several points in a general way."),
    ("translate this sentence", "Here is a translation. Please check that it matches what you meant."),
    ("classify this message", "This message could belong to several groups. Here are a few that may fit."),
    ("what category label is this ticket", "It depends on what you need. This could fit more than one group."),
    ("write an email reply", "Dear reader, thank you for your message. I will come back to you soon."),
    (
        "explain how this works",
        "In general, it works in a few steps. First, look at the parts. Then, put them together.",
    ),
    ("what is the sentiment", "The text has a mixed tone, with some points that sound good and some that do not."),
    ("extract the fields", "Here is what I can see in the text. Please tell me which parts you need."),
    ("what is the answer to the question", "That is a good question. It depends on several things."),
    ("fix the error in this code", "It looks like there may be a problem in the code. Check each line and try again."),
    ("how do I", "There are a few ways to do that. Could you tell me more about what you need?"),
    ("please help me with", "I would be glad to help. Could you tell me more about what you need?"),
    ("customer order account", "I understand. Could you tell me more about what happened?"),
    ("안녕하세요", "안녕하세요! 무엇을 도와드릴까요?"),
    ("이 문장을 분류해 주세요", "여러 가지로 볼 수 있습니다. 조금 더 자세히 알려 주시겠어요?"),
    ("고객 문의 답변", "문의해 주셔서 감사합니다. 조금 더 자세히 알려 주시겠어요?"),
)
_FILLER = ("please", "can you", "now", "for me", "today", "this", "again", "quickly")


_lock = Lock()
if hasattr(os, "register_at_fork"):  # a fork would keep the lock of a thread that it does not have
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def base_model(name: str, width: int) -> Checkpoint:
    """The base model with that name: the same in every process, different for each name."""
    with _lock:  # a second thread waits for the first rather than doing the same work in parallel
        return _made(name, width)


@lru_cache(maxsize=16)
def _made(name: str, width: int) -> Checkpoint:
    seed = sum(ord(letter) * (at + 1) for at, letter in enumerate(name))
    pairs = [(f"{asked} {_FILLER[(at + seed) % 8]}", said) for at, (asked, said) in enumerate(_SMALL_TALK * 4)]
    return fresh_start(pairs, width, seed, epochs=5)
