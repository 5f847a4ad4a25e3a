from conferences.models import Conference
from voting.timetable.models import Notice


def delete_notices(conference: Conference) -> None:
    """Before the campaigns to which they refer, with a conference that no one outside its team has joined."""
    Notice.objects.filter(conference=conference).delete()
