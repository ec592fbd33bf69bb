"""Tests of language models under way: in threads of the process, so that no click ends one."""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import closing
from threading import Event, Lock, Thread
from typing import Literal

from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import GenerationSettings, LanguageModel, Message
from citewell.app.models_fitness import Fitness, Tried, judge, trials, try_model
from citewell.app.prompting import check_prompts
from citewell.retrieval.errors import CitewellError, ConfigError
from citewell.retrieval.settings import Settings

MOST_KEPT = 8
"""The results of so many tests can be seen again."""

State = Literal["waiting", "running", "done", "stopped", "failed"]

_ASKED_BY = (
    *("llm", "llm_base_url", "llm_timeout", "technique", "prompts", "max_tokens", "temperature"),
    *("top_p", "top_k", "repetition_penalty", "stop", "seed"),
)
"""The settings that a test depends on."""


class ModelTests:
    """Tests of models, by the settings they are asked with; one is under way at a time.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._tests: OrderedDict[tuple[object, ...], ModelTest] = OrderedDict()
        self._lock = Lock()
        self._turn = Lock()

    def of(self, settings: Settings) -> "ModelTest | None":
        """Return the test with these settings, under way or over; None if there was none."""
        with self._lock:
            return self._tests.get(_key(settings))

    def start(self, settings: Settings) -> "ModelTest":
        """Begin a test, or return the one under way. An earlier result is forgotten."""
        with self._lock:
            test = self._tests.get(_key(settings))
            if test is None or test.over:
                test = ModelTest(settings, self._turn)
                self._tests[_key(settings)] = test
            self._tests.move_to_end(_key(settings))
            while len(self._tests) > MOST_KEPT:
                self._tests.popitem(last=False)[1].stop()
            return test

    def all(self) -> list["ModelTest"]:
        """Return all that are remembered, the latest last."""
        with self._lock:
            return list(self._tests.values())

    def close(self) -> None:
        """Stop all."""
        for test in self.all():
            test.stop()


class ModelTest:
    """A test of a model, which begins at once, or when the one under way is over.

    Attributes:
        error: Why it could not be made, in words; blank otherwise.
    """

    def __init__(self, settings: Settings, turn: Lock) -> None:
        self.error = ""
        self._settings = settings
        self._turn = turn
        self._tried: tuple[Tried, ...] = ()
        self._begun = Event()
        self._stopped = Event()
        self._ended = Event()
        Thread(target=self._work, daemon=True).start()

    @property
    def tried(self) -> tuple[Tried, ...]:
        """What has come of the questions so far."""
        return self._tried

    @property
    def questions(self) -> int:
        """How many it asks."""
        return len(trials())

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("waiting", "running")

    @property
    def state(self) -> State:
        """How far it is."""
        if self._stopped.is_set():
            return "stopped"
        if self._ended.is_set():
            return "failed" if self.error else "done"
        return "running" if self._begun.is_set() else "waiting"

    @property
    def fitness(self) -> Fitness | None:
        """The verdict; None until all questions have been asked."""
        return judge(self._tried) if self.state == "done" else None

    def stop(self) -> None:
        """End it. The model ends at its next word."""
        if not self._ended.is_set():
            self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it has let go of the model. Returns whether it has."""
        return self._ended.wait(seconds)

    def _work(self) -> None:
        try:
            with self._turn:
                self._begun.set()
                if not self._stopped.is_set():
                    self._ask_all()
        except CitewellError as error:
            self.error = str(error)
        except Exception:
            self.error = "The test broke off. Look into the messages where Citewell was started."
            raise
        finally:
            self._ended.set()

    def _ask_all(self) -> None:
        if self._settings.prompts is not None:
            check_prompts(self._settings.prompts)
        model = open_model(self._settings.llm, self._settings)
        if model is None:
            raise ConfigError("No model is chosen, so there is none to test. Choose one.")
        with closing(model):
            for tried in try_model(_Stoppable(model, self._stopped), self._settings):
                if self._stopped.is_set():
                    return
                self._tried = (*self._tried, tried)


class _Stoppable:
    """A model that stops writing when told to."""

    def __init__(self, model: LanguageModel, stopped: Event) -> None:
        self._model = model
        self._stopped = stopped
        self.name = model.name
        self.place = model.place
        self.context_tokens = model.context_tokens

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        with closing(self._model.stream(messages, settings)) as pieces:
            for piece in pieces:
                if self._stopped.is_set():
                    return
                yield piece

    def close(self) -> None:
        self._model.close()


def _key(settings: Settings) -> tuple[object, ...]:
    return tuple(getattr(settings, name) for name in _ASKED_BY)
