"""Finding, installing or building the Pulumi CLI: what is preferred, and what is said where nothing works."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import setup_pulumi
from setup_pulumi import COMPANIONS, SetupError, built_home, find_cli, installed_home, set_up

if TYPE_CHECKING:
    from pathlib import Path


def make_cli(folder: Path, *, complete: bool = True, text: str = "#!/bin/sh\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("pulumi", *(COMPANIONS if complete else ())):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder / "pulumi"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with nothing on PATH and an empty cache."""
    return {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}


def test_a_complete_cli_on_path_is_preferred_to_a_built_one(tmp_path: Path, bare: dict[str, str]) -> None:
    make_cli(built_home(bare))
    assert find_cli(bare) == built_home(bare) / "pulumi"
    make_cli(installed_home(bare))
    assert find_cli(bare) == installed_home(bare) / "pulumi"
    assert (
        find_cli({**bare, "PATH": f"/nowhere:{make_cli(tmp_path / 'theirs').parent}"}) == tmp_path / "theirs" / "pulumi"
    )


def test_a_cli_without_a_python_language_host_is_passed_over(tmp_path: Path, bare: dict[str, str]) -> None:
    make_cli(tmp_path / "bin", complete=False)
    assert find_cli(bare) is None


def test_our_own_wrapper_on_path_is_not_taken_for_the_cli(checkout: Path, bare: dict[str, str]) -> None:
    assert find_cli({**bare, "PATH": str(checkout / "scripts")}) is None


def test_a_named_cli_wins_and_an_incomplete_one_is_refused_by_name(tmp_path: Path, bare: dict[str, str]) -> None:
    make_cli(built_home(bare))
    named = make_cli(tmp_path / "named")
    assert find_cli({**bare, "PULUMI_GCP_TUNING_CLI": str(named)}) == named
    lonely = make_cli(tmp_path / "lonely", complete=False)
    with pytest.raises(SetupError, match="which is not a complete Pulumi CLI"):
        find_cli({**bare, "PULUMI_GCP_TUNING_CLI": str(lonely)})


def test_a_machine_with_neither_pulumi_nor_go_is_told_both_ways_out(
    bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_pulumi, "INSTALLER", "http://127.0.0.1:9/install.sh")
    with pytest.raises(SetupError) as caught:
        set_up(bare)
    assert "no Pulumi CLI on PATH" in str(caught.value)
    assert "no Go" in str(caught.value)
    assert "https://go.dev/dl" in str(caught.value)


def test_the_message_reaches_the_terminal_without_a_traceback(checkout: Path, bare: dict[str, str]) -> None:
    command = (
        "import sys; sys.path.insert(0, sys.argv[1]); import setup_pulumi as s; "
        "s.INSTALLER = 'http://127.0.0.1:9/install.sh'; sys.exit(s.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(checkout / "scripts")],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Install one of the two" in done.stderr


def test_a_failed_build_shows_what_go_said_and_leaves_nothing_behind(
    tmp_path: Path, bare: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_pulumi, "INSTALLER", "http://127.0.0.1:9/install.sh")
    go = make_cli(tmp_path / "bin", complete=False, text="#!/bin/sh\necho 'proxy refused the module' >&2\nexit 1\n")
    go.rename(go.with_name("go"))
    with pytest.raises(SetupError, match="proxy refused the module"):
        set_up(bare)
    assert [path.name for path in (tmp_path / "cache" / "pulumi-gcp-tuning").iterdir()] == ["lock"]


def test_an_installer_that_answers_with_a_login_page_is_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html>please log in</html>", encoding="utf-8")
    monkeypatch.setattr(setup_pulumi, "INSTALLER", page.as_uri())
    assert setup_pulumi.fetch_installer() is None


def test_pulumis_installer_fills_a_folder_of_ours_and_not_the_home_folder(tmp_path: Path, bare: dict[str, str]) -> None:
    # Stands in for get.pulumi.com/install.sh: its options are --version, --no-edit-path and --install-root.
    script = b"""#!/bin/sh
    [ "$1 $3 $4" = "--version --no-edit-path --install-root" ] || exit 1
    mkdir -p "$5/bin"
    for name in pulumi pulumi-language-python pulumi-language-python-exec pulumi-resource-pulumi-python; do
        echo '#!/bin/sh' > "$5/bin/$name" && chmod +x "$5/bin/$name"
    done
    """
    home = installed_home(bare)
    home.parent.mkdir(parents=True)
    assert setup_pulumi.install_official(script, home, {**bare, "PATH": "/usr/bin:/bin"})
    assert find_cli(bare) == home / "pulumi"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]


def test_the_build_is_of_the_version_that_is_announced(checkout: Path) -> None:
    wanted = f"github.com/pulumi/pulumi/pkg/v3 v{setup_pulumi.VERSION}"
    assert wanted in (checkout / "scripts" / "pulumi-cli" / "go.mod").read_text(encoding="utf-8")
