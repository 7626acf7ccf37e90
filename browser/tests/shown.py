"""The main pages, as they are looked at: each with who reads it, in a state in which there is something to see."""

import contextlib
import dataclasses
import functools

import served
from browsing import JOBS, Visitor, ask_for

BROKEN = """version: '3.0'
expectations: {population_size: 10}
actions:
  count:
    run: python:latest python analysis/count.py
    needs: [cohort]
    outputs: {moderately_sensitive: {table: output/count.csv}}
  plot:
    run: python:latest
    outputs: {viewable: {plot: /plot.png}}
"""


@dataclasses.dataclass(frozen=True)
class Shown:
    name: str
    path: str
    who: str | None = None
    status: int = 200
    # What is pressed once it is there.
    press: str | None = None


@functools.cache
def prepare():
    """Lets there be something on each page; gives back the paths of a request that failed, and of what
    had changed in its code."""
    demo = served.demo()
    demo.admin("grant", "staff", "service_administrator")
    demo.commit("broken", {"project.yaml": BROKEN})
    run = "python:latest python analysis/count.py"
    changed = {
        "project.yaml": served.project_yaml([("count", run, []), ("plot", f"{run} --plot", ["count"])]),
        "analysis/count.py": "raise SystemExit('there is nothing to count')\n",
    }
    demo.commit("changed", changed)
    researcher = Visitor(demo.origin)
    try:
        researcher.sign_in(demo.sign_in_path("researcher"))
        failed = ask_for(researcher, demo.workspace, ["count", "plot"], ref="changed")
        researcher.page.locator(".answer").get_by_text("Failed").wait_for(timeout=JOBS)
        changes = researcher.page.locator("a[href*='/changes/']").first.get_attribute("href")
    finally:
        researcher.context.close()
    return failed, changes


@functools.cache
def main_pages():
    failed, changes = prepare()
    demo = served.demo()
    workspace, project = demo.workspace, served.PROJECT
    request = demo.request.removeprefix(demo.origin)
    researcher, staff = "researcher", "staff"
    return [
        Shown("home", "/"),
        Shown("event-log", "/event-log/"),
        Shown("organisations", "/organisations/"),
        Shown("organisation", "/orgs/example-institute/"),
        Shown("project", f"/{project}/"),
        Shown("workspace", workspace, researcher),
        Shown("workspace-log", f"{workspace}logs/"),
        Shown("run-jobs", f"{workspace}run-jobs/", researcher),
        Shown("run-jobs-nothing-chosen", f"{workspace}run-jobs/", researcher, 422, "Run"),
        Shown("run-jobs-broken", f"{workspace}run-jobs/?ref=broken", researcher),
        Shown("run-jobs-nowhere", f"{workspace}run-jobs/?ref=no-such-branch", researcher, 422),
        Shown("request", request),
        Shown("request-failed", failed, researcher),
        Shown("changes", changes, researcher),
        Shown("job", first_job(request)),
        Shown("job-failed", first_job(failed), researcher),
        Shown("cancel", f"{failed}cancel/", researcher),
        Shown("status", "/status/"),
        Shown("backend", "/status/demo/"),
        Shown("user", "/users/researcher/"),
        Shown("sign-in", "/sign-in/"),
        Shown("settings", "/settings/", researcher),
        Shown("ledger", "/ledger/"),
        Shown("missing", "/no-such-page/", None, 404),
        Shown("staff", "/staff/", staff),
        Shown("staff-audit", "/staff/audit/", staff),
        Shown("staff-organisations", "/staff/organisations/", staff),
        Shown("staff-organisation", "/staff/organisations/example-institute/", staff),
        Shown("staff-projects", "/staff/projects/", staff),
        Shown("staff-project", f"/staff/projects/{project}/", staff),
        Shown("staff-grant-mistaken", f"/staff/projects/{project}/", staff, 422, "Grant the role"),
        Shown("staff-workspaces", "/staff/workspaces/", staff),
        Shown("staff-workspace", f"/staff/workspaces/{served.WORKSPACE}/", staff),
        Shown("staff-backends", "/staff/backends/", staff),
        Shown("staff-backend", "/staff/backends/demo/", staff),
        Shown("staff-users", "/staff/users/", staff),
        Shown("staff-user", "/staff/users/researcher/", staff),
        Shown("staff-revoke", f"/staff/projects/{project}/revoke/?username=researcher&role=project_developer", staff),
    ]


def first_job(request):
    visitor = Visitor(served.demo().origin)
    try:
        visitor.go(request)
        return visitor.page.locator("[data-part=jobs] a[href$='/']").first.evaluate("link => link.pathname")
    finally:
        visitor.context.close()


def turned(test, **options):
    """Every main page, one after the other: what is shown, and the page of a browser that shows it."""
    demo = served.demo()
    visitors = {}
    for shown in main_pages():
        if shown.who not in visitors:
            visitor = visitors[shown.who] = test.visitor(demo.origin, **options)
            if shown.who:
                visitor.sign_in(demo.sign_in_path(shown.who))
        visitor = visitors[shown.who]
        refused = visitor.expecting(shown.status) if shown.status >= 400 else contextlib.nullcontext()
        with refused:
            visitor.go(shown.path)
            if shown.press:
                visitor.page.get_by_role("button", name=shown.press, exact=True).click()
                visitor.page.get_by_role("alert").wait_for()
        visitor.allowed.clear()
        yield shown, visitor.page
