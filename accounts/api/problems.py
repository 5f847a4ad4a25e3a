"""The kinds of refusals that are about accounts."""

from django.utils.translation import gettext_lazy as _

from confbox.kit.api.problems import refusal

PROBLEMS = {
    "account-disabled": refusal(
        _("This account is disabled."),
        _("An organiser of the site can enable it again."),
    ),
    "another-person-needed": refusal(
        _("Another person has to do this."),
        _("The detail says who can do it."),
    ),
    "about-yourself": refusal(
        _("This cannot be done to yourself."),
        _("Others can do it, or you can change it in your profile."),
    ),
    "role-needed": refusal(
        _("This needs another role."),
        _("Your role, as it is now, does not permit it. The detail says what does."),
    ),
    "second-factor-needed": refusal(
        _("This needs two-factor authentication."),
        _("The detail says whether to set it up or to log in with it first."),
    ),
    "last-superuser": refusal(
        _("The site needs at least one superuser."),
        _("Create another superuser first."),
    ),
    "still-organiser": refusal(
        _("This person is still an organiser."),
        _("Another organiser has to take that role away first."),
    ),
    "current-session": refusal(
        _("This is the session that you are in."),
        _("Log out to end it."),
    ),
}
