"""The pages below `/people/` about the person's own account."""

from django.urls import path

from accounts.views import profile

urlpatterns = [
    path("profile/", profile.edit_profile, name="edit-profile"),
    path("profile/picture/", profile.change_picture, name="change-picture"),
    path("profile/picture/remove/", profile.drop_picture, name="remove-picture"),
    path("settings/", profile.preferences, name="preferences"),
]
