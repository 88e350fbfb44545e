// PostGraphile 4 as a careful user runs it in production: library mode, row-level security, the caller from a signed token.
// Environment: PEER_DATABASE (URL of the app role), PEER_SECRET (of the tokens), PEER_PORT, NODE_PATH.
process.env.NODE_ENV = "production";
process.env.GRAPHILE_TURBO = "1";
const http = require("http");
const jwt = require("jsonwebtoken");
const { Pool } = require("pg");
const { postgraphile } = require("postgraphile");

const secret = process.env.PEER_SECRET;
const pool = new Pool({ connectionString: process.env.PEER_DATABASE, max: 15 });

function settings(request) {
  const [scheme, token] = (request.headers.authorization || "").split(" ");
  if (scheme !== "Bearer") throw Object.assign(new Error("sign in"), { status: 401 });
  const claims = jwt.verify(token, secret, { algorithms: ["HS256"] });
  return {
    "gridloom.tenant": claims.tenant,
    "peer.scopes": claims.scopes,
    "peer.centre": claims.centre,
    "peer.actor": claims.sub,
    "peer.reports": claims.reports,
    statement_timeout: "15000",
  };
}

const handler = postgraphile(pool, ["peer"], {
  watchPg: false,
  graphiql: false,
  enhanceGraphiql: false,
  disableQueryLog: true,
  disableDefaultMutations: false,
  dynamicJson: true,
  setofFunctionsContainNulls: false,
  ignoreRBAC: false,
  ignoreIndexes: true,
  simpleCollections: "both",
  legacyRelations: "omit",
  retryOnInitFail: false,
  pgSettings: settings,
});

http.createServer(handler).listen(Number(process.env.PEER_PORT), "127.0.0.1", () => console.log("ready"));
