"""All settings, each with its default. Flag > environment > ``citewell.toml`` > default."""

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from citewell.retrieval.values import SearchMode


class Settings(BaseSettings):
    """What a run of Citewell depends on. Checked when made, fixed after."""

    model_config = SettingsConfigDict(env_prefix="CITEWELL_", frozen=True, extra="forbid")

    home: Annotated[Path, Field(description="Folder of the store and of converted models.")] = (
        user_data_path("citewell", appauthor=False)
    )
    collection: Annotated[
        str, Field(pattern=r"^[\w][\w.-]{0,99}$", description="Collection to work on.")
    ] = "default"

    chunk_chars: Annotated[
        int, Field(ge=200, le=8000, description="Most characters in a chunk.")
    ] = 900
    read_workers: Annotated[int, Field(ge=1, le=64, description="Reader processes.")] = 2
    read_timeout: Annotated[float, Field(gt=0, description="Seconds a file may take to read.")] = 60
    read_memory_mb: Annotated[
        int, Field(ge=256, description="Memory in MiB a reader process may use.")
    ] = 2048
    max_file_mb: Annotated[int, Field(ge=1, description="Largest file in MiB that is read.")] = 200
    lock_timeout: Annotated[
        float, Field(ge=0, description="Seconds to wait for another writer of the store.")
    ] = 10

    embedding_model: Annotated[
        str, Field(description="'bundled', or a folder with a sentence-transformers model.")
    ] = "bundled"
    embedding_precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        Field(description="Number format of the embedding model; auto suits the processor."),
    ] = "auto"

    k: Annotated[int, Field(ge=1, le=100, description="Passages to find.")] = 5
    mode: Annotated[SearchMode, Field(description="How passages are searched.")] = "hybrid"

    llm: Annotated[
        str,
        Field(description="'bundled', 'openai:MODEL', 'transformers:FOLDER' or 'none'."),
    ] = "bundled"
    llm_base_url: Annotated[
        str | None, Field(description="Address of the OpenAI-compatible server.")
    ] = None
    llm_api_key: Annotated[
        SecretStr | None, Field(description="Key for the server, if it asks for one.")
    ] = None
    llm_timeout: Annotated[
        float, Field(gt=0, description="Seconds a language model may take for an answer.")
    ] = 60
    evidence: Annotated[
        int, Field(ge=1, le=20, description="Most sentences shown to the language model.")
    ] = 4
    threshold: Annotated[
        float,
        Field(ge=0, le=1, description="Least probability of an answer; below it none is given."),
    ] = 0.34
    quote_evidence: Annotated[
        bool,
        Field(
            description="Add the best evidence, quoted, where the draft rests on other evidence."
        ),
    ] = True
    max_tokens: Annotated[
        int, Field(ge=1, le=4096, description="Most tokens the language model writes.")
    ] = 128
    temperature: Annotated[
        float, Field(ge=0, le=2, description="0 always takes the likeliest token.")
    ] = 0.0
    top_p: Annotated[
        float, Field(gt=0, le=1, description="Sample from the likeliest tokens of this share.")
    ] = 1.0
    top_k: Annotated[
        int, Field(ge=0, description="Sample from so many tokens; 0 sets no limit.")
    ] = 0
    repetition_penalty: Annotated[
        float, Field(ge=1, le=2, description="Above 1 makes repeated words less likely.")
    ] = 1.0
    stop: Annotated[
        tuple[str, ...], Field(description="Texts at which the language model stops.")
    ] = ()
    seed: Annotated[int, Field(ge=0, description="Seed of sampling.")] = 0

    host: Annotated[str, Field(description="Address the page listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port of the page.")] = 8501
