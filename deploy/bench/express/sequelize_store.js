// The same with the ORM that most Express sites use: a vote is four reads, a check and an upsert.

import { createHash, randomBytes } from "node:crypto";
import { DataTypes, Op, Sequelize } from "sequelize";

const { BIGINT, BOOLEAN, DATE, STRING, TEXT } = DataTypes;
// A new object each time: Sequelize writes the name of the column into it.
const id = () => ({ type: BIGINT, primaryKey: true });

function defineModels(sequelize) {
  const define = (name, tableName, columns) => sequelize.define(name, columns, { tableName, timestamps: false });
  const Session = define("Session", "bench_session", {
    session_key: { type: STRING, primaryKey: true },
    data: TEXT,
    expires: DATE,
  });
  const User = define("User", "accounts_user", { id: id(), name: STRING, profession: STRING, is_active: BOOLEAN });
  const Email = define("Email", "account_emailaddress", { id: id(), user_id: BIGINT, verified: BOOLEAN });
  const Conference = define("Conference", "conferences_conference", {
    id: id(),
    title: STRING,
    slug: STRING,
    place: STRING,
    status: STRING,
    visibility: STRING,
    members_are_listed: BOOLEAN,
    starts_at: DATE,
    ends_at: DATE,
  });
  const Election = define("Election", "voting_election", {
    conference_id: id(),
    opens_at: DATE,
    closes_at: DATE,
    rules_set_at: DATE,
    decided_at: DATE,
  });
  const Membership = define("Membership", "conferences_membership", {
    id: id(),
    conference_id: BIGINT,
    user_id: BIGINT,
    left_at: DATE,
    excluded_at: DATE,
    accepts_votes: BOOLEAN,
    is_listed: BOOLEAN,
    pitch_hidden_at: DATE,
  });
  const Pitch = define("Pitch", "voting_pitch", { membership_id: id(), headline: STRING, statement: TEXT });
  const RollEntry = define("RollEntry", "voting_rollentry", { id: id(), membership_id: BIGINT, removed_at: DATE });
  const Vote = define("Vote", "voting_vote", {
    voter_id: id(),
    election_id: BIGINT,
    candidate_id: BIGINT,
    cast_at: DATE(6),
    voided_at: DATE,
    voided_because: STRING,
    nonce: STRING,
    tracker: STRING,
  });
  Conference.hasOne(Election, { foreignKey: "conference_id", as: "election" });
  Membership.belongsTo(User, { foreignKey: "user_id", as: "user" });
  Membership.hasOne(Pitch, { foreignKey: "membership_id", as: "pitch" });
  Membership.hasOne(RollEntry, { foreignKey: "membership_id", as: "rollEntry" });
  User.hasMany(Email, { foreignKey: "user_id", as: "emails" });
  Vote.belongsTo(Membership, { foreignKey: "candidate_id", as: "candidate" });
  return { Session, User, Email, Conference, Election, Membership, Pitch, RollEntry, Vote };
}

const isOpen = ({ status, election }, now) =>
  status === "active" &&
  election.rules_set_at &&
  !election.decided_at &&
  election.opens_at <= now &&
  election.closes_at > now;

const canBeChosen = (candidate, voter, conference) =>
  candidate &&
  candidate.id !== voter.id &&
  candidate.user.is_active &&
  (candidate.is_listed || candidate.pitch.membership_id || (candidate.is_listed === null && conference.members_are_listed));

export async function openStore(socketPath, connections) {
  const sequelize = new Sequelize("confbox", "root", "", {
    dialect: "mysql",
    dialectOptions: { socketPath },
    pool: { max: connections },
    timezone: "+00:00",
    logging: false,
  });
  const { Session, User, Email, Conference, Election, Membership, Pitch, RollEntry, Vote } = defineModels(sequelize);
  const current = { left_at: null, excluded_at: null };
  const window = ["opens_at", "closes_at", "rules_set_at", "decided_at"];
  const confirmed = { model: Email, as: "emails", attributes: ["id"], where: { verified: true } };
  // Rows without instances of the models, and joins instead of subqueries.
  const plain = { raw: true, nest: true, subQuery: false };

  return {
    findSession: (key) => Session.findByPk(key, { raw: true }),
    async castVote(slug, userId, candidateId) {
      const conference = await Conference.findOne({
        attributes: ["id", "status", "members_are_listed"],
        where: { slug },
        include: [{ model: Election, as: "election", attributes: window, required: true }],
        ...plain,
      });
      if (!conference || !isOpen(conference, new Date())) return false;
      const voter = await Membership.findOne({
        attributes: ["id"],
        where: { conference_id: conference.id, user_id: userId, ...current },
        include: [
          { model: RollEntry, as: "rollEntry", attributes: ["id"], where: { removed_at: null } },
          { model: User, as: "user", attributes: ["is_active"], include: [confirmed] },
        ],
        ...plain,
      });
      if (!voter?.user.is_active) return false;
      const candidate = await Membership.findOne({
        attributes: ["id", "is_listed"],
        where: {
          id: candidateId,
          conference_id: conference.id,
          accepts_votes: true,
          pitch_hidden_at: null,
          ...current,
        },
        include: [
          { model: User, as: "user", attributes: ["is_active"] },
          { model: Pitch, as: "pitch", attributes: ["membership_id"] },
        ],
        ...plain,
      });
      if (!canBeChosen(candidate, voter, conference)) return false;
      const nonce = randomBytes(16).toString("hex");
      await Vote.upsert({
        voter_id: voter.id,
        election_id: conference.id,
        candidate_id: candidate.id,
        cast_at: new Date(),
        voided_at: null,
        voided_because: "",
        nonce,
        tracker: createHash("sha256").update(`${conference.id}:${voter.id}:${nonce}`).digest("hex"),
      });
      return true;
    },
    async findVoter(slug, userId) {
      const found = await Conference.findOne({
        attributes: ["id", "title"],
        where: { slug },
        include: [{ model: Election, as: "election", attributes: ["closes_at"], required: true }],
        ...plain,
      });
      if (!found) return undefined;
      const where = { conference_id: found.id, user_id: userId, left_at: null };
      const voter = await Membership.findOne({ attributes: ["id"], where, raw: true });
      const conference = { id: found.id, title: found.title, slug, closes_at: found.election.closes_at };
      return voter && { conference, voter };
    },
    async candidateIds(conferenceId, voterId) {
      const found = await Membership.findAll({
        attributes: ["id"],
        where: {
          conference_id: conferenceId,
          accepts_votes: true,
          pitch_hidden_at: null,
          id: { [Op.ne]: voterId },
          ...current,
        },
        include: [
          { model: User, as: "user", attributes: [], where: { is_active: true } },
          { model: Pitch, as: "pitch", attributes: [], required: true },
        ],
        raw: true,
      });
      return found.map((row) => row.id);
    },
    async findCandidates(ids) {
      const found = await Membership.findAll({
        attributes: ["id"],
        where: { id: ids },
        include: [
          { model: User, as: "user", attributes: ["name", "profession"] },
          { model: Pitch, as: "pitch", attributes: ["headline", "statement"] },
        ],
        ...plain,
      });
      return found.map(({ id, user, pitch }) => ({ id, ...user, ...pitch }));
    },
    async findVote(voterId) {
      const chosen = { model: User, as: "user", attributes: ["name"] };
      const vote = await Vote.findOne({
        attributes: ["candidate_id"],
        where: { voter_id: voterId, voided_at: null },
        include: [{ model: Membership, as: "candidate", attributes: ["id"], include: [chosen] }],
        ...plain,
      });
      return vote && { candidate_id: vote.candidate_id, name: vote.candidate.user.name };
    },
    async listConferences() {
      const found = await Conference.findAll({
        attributes: ["id", "title", "slug", "place", "starts_at", "ends_at"],
        where: { status: "active", visibility: "public", ends_at: { [Op.gt]: new Date() } },
        include: [{ model: Election, as: "election", attributes: ["opens_at", "closes_at"], required: true }],
        order: ["starts_at", "id"],
        limit: 20,
        ...plain,
      });
      return found.map(({ election, ...conference }) => ({ ...conference, ...election }));
    },
  };
}
