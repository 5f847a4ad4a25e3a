"""The organiser's import: upload a file, look at what it would do, confirm.

Between the two steps the organiser's last file is saved with its digest, so that what was looked at is what
is imported, and no one else can confirm it.
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actors import actor_of
from accounts.permissions import has_site_permission
from accounts.requests import PersonRequest
from confbox.kit.limits import Limit, heavy_work, is_heavy
from confbox.kit.temporary_storage import delete_saved, save_temporarily, saved_temporarily
from conferences.importing.actions import ImportPlan, import_conferences, plan_import
from conferences.importing.files import MOST_BYTES
from conferences.importing.moves import Moved
from conferences.importing.panels import plan_panel
from conferences.models import Conference

KIND = "conference-import"
SAVED_SECONDS = 3600
# Counts uploads, previews of an upload, and imports.
IMPORTS = Limit("imports", person="60/h")
MOST_LINES = 500


@dataclass(frozen=True)
class Upload:
    name: str
    status: str
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(b"\0".join([self.name.encode(), self.status.encode(), self.content])).hexdigest()[:32]


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "JSON or CSV, encoded as UTF-8, with the columns name, url, startDate, endDate, city, "
            "country, online, topic and, if you like, timeZone."
        ),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("New conferences"),
        choices=[
            (Conference.Status.DRAFT.value, gettext_lazy("stay drafts until you publish them")),
            (Conference.Status.ACTIVE.value, gettext_lazy("are published immediately")),
        ],
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(
                _("The file is too large: at most %(most)s.") % {"most": filesizeformat(MOST_BYTES)}
            )
        plan_import(content=file.read(), name=str(file.name))
        return file

    def upload(self) -> Upload:
        file = self.cleaned_data["file"]
        file.seek(0)
        return Upload(str(file.name), self.cleaned_data["status"], file.read())


def import_urls(model_admin: "ModelAdmin[Conference]") -> list[URLPattern]:
    guarded = model_admin.admin_site.admin_view
    upload = partial(upload_conferences, model_admin=model_admin)
    confirm = partial(confirm_import, model_admin=model_admin)
    return [
        path("import/", guarded(upload), name="conferences_conference_import"),
        path("import/<str:digest>/", guarded(confirm), name="conferences_conference_confirm_import"),
    ]


def upload_conferences(request: PersonRequest, model_admin: "ModelAdmin[Conference]") -> HttpResponse:
    _check(request)
    if request.method != "POST":
        return _page(request, model_admin, "upload.html", form=ImportForm())
    with heavy_work(IMPORTS, request):
        form = ImportForm(request.POST, request.FILES)
        is_readable = form.is_valid()
    if is_readable:
        upload = form.upload()
        save_temporarily(
            KIND,
            request.user.pk,
            version=upload.digest,
            content=upload.content,
            seconds=SAVED_SECONDS,
            name=upload.name,
            status=upload.status,
        )
        return redirect("admin:conferences_conference_confirm_import", upload.digest)
    return _page(request, model_admin, "upload.html", form=form)


@is_heavy(IMPORTS)
def confirm_import(
    request: PersonRequest, model_admin: "ModelAdmin[Conference]", digest: str
) -> HttpResponse:
    _check(request)
    kept = saved_temporarily(KIND, request.user.pk, version=digest)
    if kept is None:
        messages.warning(request, _("That file is no longer available. Please upload it again."))
        return redirect("admin:conferences_conference_import")
    content, facts = kept
    name, status = facts["name"], facts["status"]
    file = {"name": name, "status": status, "content": content}
    if request.method == "POST":
        return _import(request, digest, file)
    words = _words(plan_import(**file, by=request.user)) | {"choices": Moved.choices}
    return _page(request, model_admin, "confirm.html", **words, name=name, status=status)


def _check(request: PersonRequest) -> None:
    """The file names conferences of the whole site, and would change the dates of any of them."""
    if not has_site_permission(request.user, "conferences.add_conference"):
        raise PermissionDenied


def _import(request: PersonRequest, digest: str, file: dict[str, Any]) -> HttpResponse:
    moved = request.POST.get("moved", Moved.SKIP if "moved_rows" not in request.POST else "")
    if moved not in Moved.values:
        messages.error(request, _("Please choose what to do with the conferences whose dates differ."))
        return redirect(request.path)
    try:
        plan = import_conferences(**file, by=actor_of(request), moved=moved)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages[:MOST_LINES]))
        return redirect(request.path)
    delete_saved(KIND, request.user.pk)
    added = ngettext("%(n)d conference imported.", "%(n)d conferences imported.", len(plan.new))
    there = _("Already there: %(n)d.") % {"n": len(plan.known)}
    sentences = [added % {"n": len(plan.new)}, there]
    if moved == Moved.UPDATE and plan.moved:
        sentences.append(_("Moved to new dates: %(n)d.") % {"n": len(plan.moved)})
    messages.success(request, " ".join(sentences))
    return redirect("admin:conferences_conference_changelist")


def _words(plan: ImportPlan) -> dict[str, Any]:
    """The plan for the page, cut to what one page can show."""
    return {
        "plan": plan,
        "panel": plan_panel(plan),
        "new": plan.new[:MOST_LINES],
        "known": plan.known[:MOST_LINES],
        "moved": plan.moved[:MOST_LINES],
        "bad": plan.bad[:MOST_LINES],
        "most_lines": MOST_LINES,
    }


def _page(
    request: PersonRequest, model_admin: "ModelAdmin[Conference]", template: str, **context: Any
) -> HttpResponse:
    shared = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Import conferences"),
    }
    return TemplateResponse(request, f"admin/conferences/import/{template}", {**shared, **context})
