// One of the two baselines, in as many processes as the site has workers.
//
//   node server.js mysql2|sequelize PORT PROCESSES CONNECTIONS

import cluster from "node:cluster";
import { createSite } from "./site.js";

const [kind, port, processes, connections] = process.argv.slice(2);

if (cluster.isPrimary) {
  for (let n = 0; n < Number(processes); n++) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  const { openStore } = await import(`./${kind}_store.js`);
  const store = await openStore(process.env.BENCH_SOCKET, Number(connections));
  createSite(store).listen(Number(port), "127.0.0.1");
}
