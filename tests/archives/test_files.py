"""Archive files from elsewhere: broken off and gone on with, CC-NEWS, S3 and its signatures."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from monitor.cli.backfill_files import find_files
from monitor.cli.backfill_wishes import Wishes
from monitor.config.folder import read_configuration
from monitor.errors import EgressRefused, UsageError
from monitor.jobs.backfill_files import Downloads, find_ccnews, sort_files, whole_name
from spiders.archive_download import LARGEST_LIST, DownloadSetup, NotToBeHad, download
from spiders.reach import Reach
from tests.backfill.archives import build_record, write_warc
from tests.fakes.site import Asked, Reply, Site, redirect

BODY = bytes(range(256)) * 4000
SETUP = DownloadSetup(
    user_agent="newsreader/1.0", allow_private=("127.0.0.1",), silence=2.0, waits=(0.01, 0.01)
)


def serve_ranges(body: bytes, *, cuts: list[int], etag: str = '"one"') -> Callable[[Asked], Reply]:
    """Answer as a file server does, and break off after so many bytes, as often as `cuts` says."""

    def answer(asked: Asked) -> Reply:
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.header("Range") or "")
        same = asked.header("If-Range") in (None, etag)
        start = int(wanted[1]) if wanted and same else 0
        reply = Reply(body=body[start:], content_type="application/octet-stream", etag=etag)
        if start:
            headers = (("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}"),)
            reply = replace(reply, status=206, headers=headers)
        return replace(reply, cut=cuts.pop(0)) if cuts else reply

    return answer


def test_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a.warc.gz", serve_ranges(BODY, cuts=[300_000, 200_000]))
        file = download(site.url("/a.warc.gz"), tmp_path, SETUP)
        ranges = [asked.header("Range") for asked in site.asked]
    assert file.read_bytes() == BODY
    assert ranges[0] is None
    assert all(each and int(each[6:-1]) > 0 for each in ranges[1:])
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_file_that_changed_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a.warc.gz", serve_ranges(BODY, cuts=[300_000]))
        first = serve_ranges(BODY, cuts=[300_000])
        second = serve_ranges(BODY[::-1], cuts=[], etag='"two"')
        answers = [first, second]

        def answer(asked: Asked) -> Reply:
            return (answers.pop(0) if answers else second)(asked)

        site.route("/a.warc.gz", answer)
        file = download(site.url("/a.warc.gz"), tmp_path, SETUP)
    assert file.read_bytes() == BODY[::-1]


def test_killed_download_goes_on_in_the_next_run(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a.warc.gz", serve_ranges(BODY, cuts=[300_000, 0, 0, 0]))
        with pytest.raises(NotToBeHad):
            download(site.url("/a.warc.gz"), tmp_path, SETUP)
        site.forget()
        file = download(site.url("/a.warc.gz"), tmp_path, SETUP)
        assert site.asked[0].header("Range") is not None
    assert file.read_bytes() == BODY


def test_server_that_is_busy_is_asked_again_when_it_said(tmp_path: Path) -> None:
    busy = [Reply(status=503, headers=(("Retry-After", "1"),)), Reply(status=429)]
    with Site() as site:
        whole = serve_ranges(BODY, cuts=[])
        site.route("/a", lambda asked: busy.pop() if busy else whole(asked))
        assert download(site.url("/a"), tmp_path, SETUP).read_bytes() == BODY


def test_host_that_was_reached_once_has_the_whole_patience(tmp_path: Path) -> None:
    """Its name is not found for a while: each further try is told, with why."""
    said: list[str] = []
    names = ["", "lost", "lost", "lost", ""]

    def look_up(_host: str, _port: int) -> list[str]:
        if names.pop(0):
            raise socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution")
        return ["127.0.0.1"]

    with Site() as site:
        whole = serve_ranges(BODY, cuts=[])
        busy = [Reply(status=503)]
        site.route("/a", lambda asked: busy.pop() if busy else whole(asked))
        url = site.url("/a").replace("127.0.0.1", "files.example")
        patient = replace(SETUP, lookup=look_up, waits=(0.01,) * 4, reach=Reach(say=said.append))
        assert download(url, tmp_path, patient).read_bytes() == BODY
    assert len(said) == 4
    assert "the server answered 503; trying again in" in said[0]
    assert "the name 'files.example' was not found" in said[1]
    assert not patient.reach.is_offline


@pytest.mark.parametrize("status", [403, 404])
def test_file_that_is_not_there_is_told(tmp_path: Path, status: int) -> None:
    with Site() as site:
        site.route("/a", Reply(status=status))
        with pytest.raises(NotToBeHad, match=str(status)):
            download(site.url("/a"), tmp_path, SETUP)


def test_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a", Reply(hang=True))
        quick = replace(SETUP, silence=0.3, waits=(0.01,))
        with pytest.raises(NotToBeHad):
            download(site.url("/a"), tmp_path, quick)


def test_private_place_behind_a_redirect_is_refused(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a", redirect("http://10.0.0.1/a"))
        with pytest.raises(EgressRefused):
            download(site.url("/a"), tmp_path, SETUP)


def make_files(folder: Path, count: int) -> list[Path]:
    files = []
    for number in range(count):
        page = build_record(f"https://town.example/{number}", b"<html><p>bread</p></html>")
        files.append(write_warc(folder / f"CC-NEWS-2024030{number}.warc.gz", [page]))
    return files


def test_month_of_ccnews_is_read_from_its_list_of_paths(tmp_path: Path) -> None:
    lines = "".join(f"crawl-data/CC-NEWS/2024/03/CC-NEWS-{n}.warc.gz\n" for n in range(3))
    place = "crawl-data/CC-NEWS/2024/03/warc.paths.gz"
    with Site() as site:
        site.route(f"/{place}", body=gzip.compress(lines.encode()), content_type="application/gzip")
        found = find_ccnews("2024-03", site.url("").rstrip("/"), SETUP, tmp_path / "spool")
        assert [url.rpartition("/")[2] for url in found.addresses] == [
            "CC-NEWS-0.warc.gz", "CC-NEWS-1.warc.gz", "CC-NEWS-2.warc.gz",
        ]  # fmt: skip
        missing = find_ccnews("2024-04", site.url("").rstrip("/"), SETUP, tmp_path / "spool")
    assert missing.addresses == ()
    assert "404" in missing.missing[0][1]
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(gzip.compress(lines.encode()))
    mirror = find_ccnews("2024-03", str(tmp_path), SETUP, tmp_path / "spool")
    assert mirror.paths[0] == str(tmp_path / "crawl-data/CC-NEWS/2024/03/CC-NEWS-0.warc.gz")


def test_files_come_one_ahead_and_go_when_they_are_covered(tmp_path: Path) -> None:
    files, spool = make_files(tmp_path, 4), tmp_path / "spool"
    with Site() as site:
        urls = [site.url(f"/{file.name}") for file in files] + [site.url("/gone.warc.gz")]
        for file in files:
            site.route(f"/{file.name}", serve_ranges(file.read_bytes(), cuts=[]))
        site.route("/gone.warc.gz", Reply(status=404))
        whole: list[str] = []
        names: list[str] = []
        with closing(Downloads(urls, spool, SETUP)) as downloads:
            for unit in downloads.units(frozenset([whole_name(urls[0])])):
                assert Path(unit.path).exists()
                assert len(list(spool.iterdir())) <= 3
                names.append(unit.name)
                whole += downloads.end(unit, False)
        assert [each for each in site.paths if each.endswith(files[0].name)] == []
    assert whole == [whole_name(url) for url in urls[1:4]]
    assert list(spool.iterdir()) == []
    assert [url for url, _ in downloads.failed] == [urls[4]]
    assert len(set(names)) == 3


def test_part_that_failed_keeps_its_file_for_the_next_run(tmp_path: Path) -> None:
    (file,) = make_files(tmp_path, 1)
    with Site() as site:
        site.route("/a.warc.gz", serve_ranges(file.read_bytes(), cuts=[]))
        with closing(Downloads([site.url("/a.warc.gz")], tmp_path / "spool", SETUP)) as downloads:
            for unit in downloads.units(frozenset()):
                assert list(downloads.end(unit, True)) == []
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_list_holds_paths_and_addresses(tmp_path: Path) -> None:
    names = tmp_path / "list.txt"
    names.write_text("# mine\n/data/a.warc.gz\nhttps://archive.example/b.warc.gz\n\n", "utf-8")
    found = sort_files([f"@{names}", "c.warc"], check=lambda _url: None)
    assert found.paths == ("/data/a.warc.gz", "c.warc")
    assert found.addresses == ("https://archive.example/b.warc.gz",)
    with pytest.raises(UsageError, match="s3://"):
        sort_files(["gopher://x/a"], check=lambda _url: None)


def test_file_elsewhere_never_goes_past_a_proxy(tmp_path: Path) -> None:
    """Refused before a list of CC-NEWS or of a bucket is asked for (P6, FAULTS C18)."""
    folder = tmp_path / "config"
    folder.mkdir()
    with Site() as site:
        (folder / "settings.toml").write_text(
            f'[network]\negress = "tor"\n[archives]\nccnews = "{site.url("").rstrip("/")}"\n',
            encoding="utf-8",
        )
        configuration = read_configuration(folder)
        for wishes in (
            Wishes(ccnews=("2024-03",)),
            Wishes(warc=(site.url("/a.warc.gz"),)),
            Wishes(warc=("s3://bucket/*.warc.gz",)),
        ):
            with pytest.raises(UsageError, match="download it yourself"):
                find_files(wishes, configuration, tmp_path / "spool", SETUP)
        assert site.asked == []


def test_file_of_a_site_behind_a_proxy_is_not_fetched_directly(tmp_path: Path) -> None:
    """C18: the site is watched through Tor, whatever else goes directly."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "sources.yaml").write_text(
        "version: 1\nsources:\n  - {id: hidden, kind: feed, outlet: Hidden, egress: tor,"
        " url: 'https://hidden.example/feed'}\n",
        encoding="utf-8",
    )
    configuration = read_configuration(folder)
    wishes = Wishes(warc=("https://files.hidden.example/a.warc.gz",))
    with pytest.raises(UsageError, match=r"of its site to go by 'tor'; download it yourself"):
        find_files(wishes, configuration, tmp_path / "spool", SETUP)


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(b"a" * 64)[:10] + b"\xff" * 20,
        gzip.compress(b"crawl-data/x\n" * 4_000_000),
        b"x" * (LARGEST_LIST + 1),
    ],
    ids=["broken", "bomb", "large"],
)
def test_list_of_files_that_is_broken_or_a_bomb_is_told(tmp_path: Path, packed: bytes) -> None:
    """D-rows: neither a traceback nor gigabytes of memory."""
    with Site() as site:
        site.route("/crawl-data/CC-NEWS/2024/03/warc.paths.gz", body=packed)
        found = find_ccnews("2024-03", site.url("").rstrip("/"), SETUP, tmp_path / "spool")
    assert found.addresses == ()
    assert len(found.missing) == 1


def test_server_that_gives_a_byte_now_and_then_is_given_up(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a", Reply(body=BODY, drip=0.05))
        quick = replace(SETUP, silence=0.2, waits=(0.01,))
        with pytest.raises(NotToBeHad, match="too little came"):
            download(site.url("/a"), tmp_path, quick)


@pytest.mark.parametrize("location", ["http://[", "http://[::1", "//["])
def test_redirect_to_nothing_is_told(tmp_path: Path, location: str) -> None:
    with Site() as site:
        site.route("/a", redirect(location))
        with pytest.raises((NotToBeHad, EgressRefused)):
            download(site.url("/a"), tmp_path, SETUP)


def test_odd_validator_and_half_a_mark_begin_the_file_anew(tmp_path: Path) -> None:
    with Site() as site:
        site.route("/a", serve_ranges(BODY, cuts=[300_000], etag='"\xe9"'))
        assert download(site.url("/a"), tmp_path, SETUP).read_bytes() == BODY
        site.route("/b", serve_ranges(BODY, cuts=[300_000, 0, 0, 0]))
        with pytest.raises(NotToBeHad):
            download(site.url("/b"), tmp_path, SETUP)
        (mark,) = tmp_path.glob("*.mark")
        mark.write_bytes(b"")
        assert download(site.url("/b"), tmp_path, SETUP).read_bytes() == BODY


def test_file_whose_parts_were_all_done_before_a_kill_is_known_as_covered(tmp_path: Path) -> None:
    (file,) = make_files(tmp_path, 1)
    with Site() as site:
        url = site.url("/a.warc.gz")
        site.route("/a.warc.gz", serve_ranges(file.read_bytes(), cuts=[]))
        with closing(Downloads([url], tmp_path / "first", SETUP)) as downloads:
            done = frozenset(unit.name for unit in downloads.units(frozenset()))
        with closing(Downloads([url], tmp_path / "first", SETUP)) as downloads:
            assert list(downloads.units(done)) == []
            assert list(downloads.rest()) == [whole_name(url)]


# --- S3: a bucket that checks every signature (AWS Signature Version 4) -------------------------

SECRET = "not-a-secret-" + "0" * 27


def check_signature(asked: Asked) -> bool:
    said = asked.header("Authorization") or ""
    found = re.match(
        r"AWS4-HMAC-SHA256 Credential=reader/(\d{8})/([\w-]+)/s3/aws4_request, ?"
        r"SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})",
        said,
    )
    if found is None:
        return False
    day, region, names, signature = found.groups()
    parts = urlsplit(asked.path)
    query = "&".join(
        f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}"
        for key, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    headers = "".join(f"{name}:{(asked.header(name) or '').strip()}\n" for name in names.split(";"))
    canonical = "\n".join(
        [
            asked.method,
            parts.path,
            query,
            headers,
            names,
            asked.header("x-amz-content-sha256") or "",
        ]
    )
    stamp = asked.header("x-amz-date") or ""
    scope = f"{day}/{region}/s3/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashed])
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == signature


def serve_object(body: bytes, *, signed: bool) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        if signed and not check_signature(asked):
            return Reply(status=403, body=b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        headers = (("Last-Modified", "Tue, 05 Mar 2024 09:30:00 GMT"),)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.header("Range") or "")
        whole = Reply(body=body, etag='"abc"', headers=headers, content_type="application/gzip")
        if asked.method == "HEAD" or wanted is None:
            return whole
        start, end = int(wanted[1]), min(int(wanted[2]), len(body) - 1)
        content = ("Content-Range", f"bytes {start}-{end}/{len(body)}")
        return replace(whole, status=206, body=body[start : end + 1], headers=(*headers, content))

    return answer


def use_bucket(monkeypatch: pytest.MonkeyPatch, site: Site, secret: str) -> None:
    pytest.importorskip("obstore", reason="./stationwatch install s3")
    monkeypatch.setenv("AWS_ENDPOINT_URL", site.url("").rstrip("/"))
    monkeypatch.setenv("AWS_REGION", "eu-test-1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)


def test_object_in_a_bucket_is_read_with_a_signature_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Site() as site:
        use_bucket(monkeypatch, site, SECRET)
        site.route("/news/2024/a.warc.gz", serve_object(BODY * 10, signed=True))
        file = download("s3://news/2024/a.warc.gz", tmp_path, SETUP)
    assert file.read_bytes() == BODY * 10


def test_wrong_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Site() as site:
        use_bucket(monkeypatch, site, "wrong")
        site.route("/news/a.warc.gz", serve_object(BODY, signed=True))
        with pytest.raises((NotToBeHad, OSError)):
            download("s3://news/a.warc.gz", tmp_path, SETUP)


def test_broken_download_from_a_bucket_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = BODY * 20
    with Site() as site:
        use_bucket(monkeypatch, site, SECRET)
        site.route("/news/a.warc.gz", serve_object(body, signed=True))
        stops = iter([False, True])
        with pytest.raises(NotToBeHad):
            download("s3://news/a.warc.gz", tmp_path, SETUP, stop=lambda: next(stops, True))
        site.forget()
        file = download("s3://news/a.warc.gz", tmp_path, SETUP)
        ranges = [asked.header("Range") for asked in site.asked if asked.method == "GET"]
    assert file.read_bytes() == body
    assert ranges
    assert not (ranges[0] or "").startswith("bytes=0-")
