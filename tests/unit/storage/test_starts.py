"""The crash-loop guard: two failed starts, then one without the stored layout."""

from pathlib import Path

from workstation.storage.starts import StartGuard


def test_two_failed_starts_lead_to_one_without_the_layout(tmp_path: Path):
    def start() -> bool:
        return StartGuard(tmp_path / "starts.json").begin()

    assert [start(), start(), start(), start()] == [True, True, False, False]
    StartGuard(tmp_path / "starts.json").well()
    assert [start(), start(), start()] == [True, True, False]


def test_a_start_that_goes_well_is_forgotten(tmp_path: Path):
    for _ in range(5):
        guard = StartGuard(tmp_path / "starts.json")
        assert guard.begin()
        guard.well()


def test_safe_mode_never_trusts_the_layout(tmp_path: Path):
    assert not StartGuard(tmp_path / "starts.json").begin(safe_mode=True)


def test_a_count_that_cannot_be_kept_keeps_nobody_from_starting(tmp_path: Path):
    (tmp_path / "starts.json").write_bytes(b"\xff nonsense")
    assert StartGuard(tmp_path / "starts.json").begin()
    (tmp_path / "file").write_bytes(b"")
    guard = StartGuard(tmp_path / "file" / "starts.json")
    assert all(guard.begin() for _ in range(5))
    guard.well()
