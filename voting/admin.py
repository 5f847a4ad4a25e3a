"""The pages of the admin, by which Django finds them."""

from voting.desk.campaign_admin import CampaignAdmin, UndeliverableAddressAdmin
from voting.desk.decision_admin import DecisionAdmin, PitchAdmin
from voting.desk.tally_admin import TallyAdmin

__all__ = ["CampaignAdmin", "DecisionAdmin", "PitchAdmin", "TallyAdmin", "UndeliverableAddressAdmin"]
