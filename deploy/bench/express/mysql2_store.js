// Prepared statements without an ORM. The vote is our own statement, in BENCH_VOTE.

import { randomBytes } from "node:crypto";
import mysql from "mysql2/promise";

export async function openStore(socketPath, connectionLimit) {
  const pool = mysql.createPool({
    socketPath,
    connectionLimit,
    user: "root",
    database: "confbox",
    timezone: "Z",
    namedPlaceholders: true,
  });
  pool.pool.on("connection", (connection) => connection.query("SET time_zone = '+00:00'"));
  const rows = async (sql, values) => (await pool.execute(sql, values))[0];

  return {
    async findSession(key) {
      return (await rows("SELECT data, expires FROM bench_session WHERE session_key = :key", { key }))[0];
    },
    async castVote(slug, userId, candidateId) {
      const nonce = randomBytes(16).toString("hex");
      const values = { slug, user_id: userId, candidate_id: candidateId, nonce };
      return (await rows(process.env.BENCH_VOTE, values)).affectedRows > 0;
    },
    async findVoter(slug, userId) {
      const [row] = await rows(
        `SELECT c.id, c.title, c.slug, e.closes_at, m.id AS voter_id
         FROM conferences_conference c
         JOIN voting_election e ON e.conference_id = c.id
         JOIN conferences_membership m ON m.conference_id = c.id
         WHERE c.slug = :slug AND m.user_id = :userId AND m.left_at IS NULL`,
        { slug, userId },
      );
      return row && { conference: row, voter: { id: row.voter_id } };
    },
    async candidateIds(conferenceId, voterId) {
      const found = await rows(
        `SELECT m.id FROM conferences_membership m
         JOIN accounts_user u ON u.id = m.user_id
         JOIN voting_pitch p ON p.membership_id = m.id
         WHERE m.conference_id = :conferenceId AND m.left_at IS NULL AND m.excluded_at IS NULL
           AND m.accepts_votes AND m.pitch_hidden_at IS NULL AND u.is_active AND m.id <> :voterId`,
        { conferenceId, voterId },
      );
      return found.map((row) => row.id);
    },
    async findCandidates(ids) {
      if (!ids.length) return [];
      return rows(
        `SELECT m.id, u.name, u.profession, p.headline, p.statement FROM conferences_membership m
         JOIN accounts_user u ON u.id = m.user_id
         JOIN voting_pitch p ON p.membership_id = m.id
         WHERE m.id IN (${ids.map((_, n) => `:id${n}`).join(", ")})`,
        Object.fromEntries(ids.map((id, n) => [`id${n}`, id])),
      );
    },
    async findVote(voterId) {
      const [vote] = await rows(
        `SELECT v.candidate_id, u.name FROM voting_vote v
         JOIN conferences_membership m ON m.id = v.candidate_id
         JOIN accounts_user u ON u.id = m.user_id
         WHERE v.voter_id = :voterId AND v.voided_at IS NULL`,
        { voterId },
      );
      return vote;
    },
    async listConferences() {
      return rows(
        `SELECT c.id, c.title, c.slug, c.place, c.starts_at, c.ends_at, e.opens_at, e.closes_at
         FROM conferences_conference c JOIN voting_election e ON e.conference_id = c.id
         WHERE c.status = 'active' AND c.visibility = 'public' AND c.ends_at > UTC_TIMESTAMP(6)
         ORDER BY c.starts_at, c.id LIMIT 20`,
        {},
      );
    },
  };
}
