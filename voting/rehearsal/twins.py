from conferences.models import Conference


def twin_of(conference: Conference) -> Conference | None:
    """The rehearsal of this conference, if there is one now."""
    twins = Conference.objects.rehearsals().as_of_now().select_related("election")
    return twins.filter(rehearses=conference.pk).first()
