from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from confbox.kit import url_converters  # noqa: F401  (registers the converter)
from conferences import people, views
from conferences.joining.urls import urlpatterns as joining_patterns
from conferences.teams.views import invitation as team_invitation
from conferences.teams.views import own_invitation

# For those who shorten the URL of a conference.
to_the_list = RedirectView.as_view(pattern_name="conferences", permanent=True, query_string=True)
conference_folder = login_not_required(require_safe(to_the_list))

urlpatterns = [
    path("", views.conferences, name="conferences"),
    path("conferences/", conference_folder, name="conference-folder"),
    path("people/<row:user_id>/", people.person, name="person"),
    path("me/team-invitations/<row:pk>/", own_invitation, name="own-team-invitation"),
    path("team-invitations/<str:token>/", team_invitation, name="team-invitation"),
    path("conferences/<slug:slug>/", views.conference, name="conference"),
    path("conferences/<slug:slug>/join/", views.join_conference, name="join-conference"),
    *joining_patterns,
    path("conferences/<slug:slug>/members/", views.members, name="members"),
    path("conferences/<slug:slug>/ticket/", include("conferences.tickets.urls")),
]
