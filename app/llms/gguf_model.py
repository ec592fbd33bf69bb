"""A chat model in a GGUF file, run by OpenVINO GenAI.

It reads the architectures llama, qwen2 and qwen3, best in the formats Q4_0, Q4_1, Q8_0 and
F16; others it unpacks, or refuses.
"""

import hashlib
from pathlib import Path

from citewell.app.llms.base_model import base_model
from citewell.app.llms.converting import convert_once, genai_version
from citewell.app.llms.gguf_header import read_header
from citewell.app.llms.openvino_model import OpenVinoModel, OpenVinoSource
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.wording import one_line


def open_gguf(name: str, path: Path, home: Path) -> OpenVinoModel:
    """Return the model in a GGUF file. It is converted at its first answer and loaded then.

    Args:
        name: How settings name it.
        path: The file.
        home: The converted model, as large as the file, is kept in its folder ``models``.

    Raises:
        ConfigError: If there is no such file, or it is none.
        NotConfigured: If it holds a base model, or OpenVINO GenAI is not installed.
    """
    path = path.expanduser()
    if not path.is_file():
        raise ConfigError(f"llm names the file {str(path)!r}, which is not there.")
    header = read_header(path)
    if header.chat_template is None:
        raise base_model(path)
    genai_version()
    source = OpenVinoSource(
        f"The model in {path}",
        lambda: _converted(path, home),
        header.context_tokens,
        header.control_tokens,
    )
    return OpenVinoModel(name, source)


def _converted(path: Path, home: Path) -> Path:
    about = path.stat()
    state = f"{path.resolve()} {about.st_size} {about.st_mtime_ns} {genai_version()}"
    digest = hashlib.sha256(state.encode("utf-8", "surrogateescape")).hexdigest()
    target = home / "models" / f"gguf-{digest[:16]}"
    if target.is_dir():
        return target
    try:
        convert_once(path.resolve(), target, lambda file: None)
    except (OSError, RuntimeError) as error:
        raise NotConfigured(
            f"The model in {path} cannot be converted into {target.parent}: {one_line(error)}. "
            "Free as much room there as the file takes, choose a file in the format Q4_0, Q8_0 "
            "or F16, or serve the model with llama-server or Ollama and name it openai:MODEL."
        ) from error
    return target
