"""Every setting, declared once: name, default, help. Read from the environment (``INTAKE_…``) or ``.env``."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


def _absolute(path: Path) -> Path:
    return path if path.is_absolute() else (Path.cwd() / path)


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """What an operator can set. Defaults run the whole product on one machine."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", env_file=".env", extra="ignore", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address that the public port listens on.")
    port: int = Field(8080, ge=1, le=65535, description="The only port that faces outside.")
    public_url: str = Field("", description="Address under which citizens reach the service; empty = http://HOST:PORT.")
    var: Folder = Field(Path("./var"), description="State: database, embedded Redis, published snapshots, uploads.")
    cache: Folder = Field(Path("./.cache"), description="What can be made again: trained assistant, embedder, index.")
    database_url: str = Field("", description="SQLAlchemy URL; empty = SQLite under INTAKE_VAR.")
    redis_url: str = Field("", description="External Redis; empty = an embedded one under INTAKE_VAR.")
    rasa_port: int = Field(5005, ge=1, le=65535, description="Loopback port of the assistant engine.")
    rasa_url: str = Field("", description="An assistant engine run elsewhere; empty = http://127.0.0.1:RASA_PORT.")
    embedder: str = Field("", description="Local directory or model name; empty = the project's own trained model.")

    dispatch_url: str = Field("", description="Dispatch backend; empty = the built-in simulator.")
    dispatch_secret: SecretStr = Field(
        SecretStr(""),
        description="whsec_… secrets, space-separated: first signs, any verifies; empty = generated for the simulator.",
    )
    dispatch_step_seconds: float = Field(
        20.0, gt=0, description="Seconds between two steps of a ticket in the simulator."
    )
    dispatch_poll_seconds: float = Field(60.0, gt=0, description="How often tickets are polled for missed callbacks.")

    wechat_token: SecretStr = Field(SecretStr(""), description="WeChat callback token; empty = channel off.")
    wechat_appid: str = Field("", description="WeChat app id.")
    wechat_aes_key: SecretStr = Field(SecretStr(""), description="EncodingAESKey; set = only encrypted messages.")
    wechat_secret: SecretStr = Field(SecretStr(""), description="WeChat app secret.")
    wechat_account: str = Field("", description="Original id of the account (gh_…).")
    wechat_api_base: str = Field("https://api.weixin.qq.com", description="Base of the WeChat API.")
    app_keys: str = Field("", description="JSON file of app keys; empty = channel off.")
    app_push_url: str = Field("", description="Where signed app events go.")
    app_sso_url: str = Field("", description="Where an SSO ticket is exchanged.")

    admin_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the first administrator, user admin; empty = generated and printed once.",
    )
    session_days: int = Field(30, ge=1, le=365, description="Days after which an idle citizen session ends.")
    turn_timeout_s: float = Field(10.0, gt=0, description="Seconds that the assistant may take for one turn.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics from outside loopback; empty = loopback only."
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")
    log_json: bool = Field(False, description="Log one JSON object a line.")

    action_port: int = Field(
        0, ge=0, le=65535, description="Loopback port of the assistant's actions; 0 = chosen free at start."
    )

    def effective_database_url(self) -> str:
        """The URL in use."""
        return self.database_url or f"sqlite+aiosqlite:///{self.var / 'intake.sqlite'}"

    def effective_rasa_url(self) -> str:
        """Base URL of the assistant engine."""
        return self.rasa_url or f"http://127.0.0.1:{self.rasa_port}"

    def effective_public_url(self) -> str:
        """Base URL that citizens see."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
