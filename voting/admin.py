"""Registers the pages of the admin; Django looks for them here."""

from voting.desk.campaign_admin import CampaignAdmin, UndeliverableAddressAdmin
from voting.desk.conference_admin import ConferenceAndElectionAdmin
from voting.desk.decision_admin import DecisionAdmin, PitchAdmin
from voting.desk.tally_admin import ElectionAdmin

__all__ = [
    "CampaignAdmin",
    "ConferenceAndElectionAdmin",
    "DecisionAdmin",
    "ElectionAdmin",
    "PitchAdmin",
    "UndeliverableAddressAdmin",
]
