from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.account.views import logout
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django_tasks_db.models import DBTaskResult

from accounts.permissions import runs_something
from accounts.providers.urls import provider_urlpatterns
from accounts.views.language import choose_language
from accounts.views.profile import picture
from confbox import component_gallery, health, help_pages, mailbox, theme, wellknown
from confbox.admin_links import creating_in_steps, for_teams, view_on_site
from confbox.api.openapi import openapi
from confbox.api.pages import api_docs, api_problem, api_start
from confbox.api.site import api
from confbox.watching.views import doctor_urls, metrics
from voting.desk.dashboard import with_dashboard
from voting.elections.election.models import Election

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
# The tabs of a conference lead to its pages, and the first page to all others.
admin.site.enable_nav_sidebar = False
admin.site.login = for_teams(secure_admin_login(admin.site.login))  # type: ignore[method-assign]
admin.site.get_app_list = creating_in_steps(admin.site.get_app_list)  # type: ignore[method-assign]
admin.site.index = with_dashboard(admin.site.index)  # type: ignore[method-assign,assignment]

admin.site.has_permission = lambda request: runs_something(request.user)  # type: ignore[method-assign]

# The site's own page, with its rate limit and its email to the owner, is the only one.
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[method-assign,assignment]

# The only log-out: a page of its own would be gone when a button is clicked for the second time.
admin.site.logout = require_POST(lambda request, extra_context=None: logout(request))  # type: ignore[method-assign]

# Their pages would show session keys, secrets of authenticators and emailed codes.
for model in (EmailAddress, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken, DBTaskResult):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

# The page of an election, its tally, has a matching URL.
tally_urls = admin.site.get_model_admin(Election).tally_urls()  # type: ignore[attr-defined]
admin_urls = [
    path("voting/votes/", include(tally_urls)),
    *doctor_urls(admin.site),
    *admin.site.get_urls(),
]

handler403 = "accounts.views.form_recovery.refuse_without_permission"
handler500 = "confbox.outage.answer_failure"
urlpatterns = [
    path("", include("conferences.urls")),
    path("", include("voting.urls")),
    path("", include("conferences.sharing.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("conferences.api_tokens.urls")),
    # Not allauth.urls, which would add its pages of other log-ins.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("people/", include("accounts.people_urls")),
    path("people/", include("accounts.my_data.urls")),
    re_path(r"^media/pictures/(?P<name>[0-9a-f]{32}(-small)?\.webp)$", picture, name="picture"),
    path(
        "admin/r/<path:content_type_id>/<path:object_id>/",
        admin.site.admin_view(view_on_site),
        name="view-on-site",
    ),
    path("api-docs/", api_docs, name="api-docs"),
    path("api-docs/start/", api_start, name="api-start"),
    path("api-docs/problems/<slug:kind>/", api_problem, name="api-problem"),
    path("api/v1/openapi.json", openapi, name="openapi"),
    path("api/v1/", api.urls),
    path("admin/", (admin_urls, "admin", admin.site.name)),
    path("help/", help_pages.handbooks, name="help"),
    path("help/<str:handbook>/", help_pages.handbook, name="handbook"),
    path("help/<str:handbook>/<str:chapter>/", help_pages.handbook_chapter, name="handbook-chapter"),
    path("favicon.ico", wellknown.favicon, name="favicon"),
    path("robots.txt", wellknown.robots, name="robots"),
    path(".well-known/security.txt", wellknown.security, name="security"),
    path("manifest.webmanifest", wellknown.manifest, name="manifest"),
    path("theme/", theme.choose_theme, name="choose-theme"),
    path("language/", choose_language, name="choose-language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
if settings.LOGIN_PROVIDERS:
    urlpatterns += provider_urlpatterns
if settings.MAILBOX:
    urlpatterns += [
        path("mailbox/", mailbox.emails, name="mailbox"),
        path("mailbox/<str:name>/", mailbox.read_email, name="mailbox-mail"),
        path("mailbox/<str:name>/html/", mailbox.email_html, name="mailbox-html"),
    ]
if settings.DEBUG:
    urlpatterns += [path("components/", component_gallery.component_gallery, name="component-gallery")]
