"""The models of the app; Django looks for them here. Each is defined in the package of its noun."""

from voting.campaigns.models import Campaign as Campaign
from voting.campaigns.models import Delivery as Delivery
from voting.campaigns.sending.models import Pace as Pace
from voting.campaigns.sending.models import SendingSlot as SendingSlot
from voting.campaigns.subscriptions.models import BounceReading as BounceReading
from voting.campaigns.subscriptions.models import ReturnedEmail as ReturnedEmail
from voting.campaigns.subscriptions.models import UndeliverableAddress as UndeliverableAddress
from voting.campaigns.subscriptions.models import UnsubscribedMailbox as UnsubscribedMailbox
from voting.campaigns.subscriptions.models import Unsubscription as Unsubscription
from voting.elections.election.models import Election as Election
from voting.elections.election.models import VotingState as VotingState
from voting.elections.models import Decision as Decision
from voting.elections.models import KeptFigure as KeptFigure
from voting.elections.models import Pitch as Pitch
from voting.elections.models import Vote as Vote
from voting.elections.models import WindowChange as WindowChange
from voting.elections.moderation.models import Report as Report
from voting.elections.receipts.models import PublishedBallots as PublishedBallots
from voting.elections.roll.models import RollChange as RollChange
from voting.elections.roll.models import RollEntry as RollEntry
from voting.timetable.models import Notice as Notice
from voting.timetable.models import SwitchedOffNotice as SwitchedOffNotice
