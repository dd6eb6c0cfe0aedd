// What a Node program does with @google/genai and @google-cloud/storage: uploads with defaults, tunes, lists, gets, cancels, asks, streams.
import { createRequire } from "node:module";

const [url, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { GoogleGenAI } = require("@google/genai");
const { Storage } = require("@google-cloud/storage");
const { OAuth2Client } = require("google-auth-library");

const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: "fake", expiry_date: Date.now() + 3600_000 });
const client = (location) =>
  new GoogleGenAI({
    vertexai: true,
    project: "my-project",
    location,
    googleAuthOptions: { authClient },
    httpOptions: { baseUrl: url, apiVersion: "v1beta1" },
  });

const rows = [];
for (let at = 0; at < 60; at++) {
  for (const [word, label] of [["invoice", "billing"], ["parcel", "shipping"]]) {
    const turns = [["user", `my ${word} number ${at}`], ["model", label]];
    rows.push(JSON.stringify({ contents: turns.map(([role, text]) => ({ role, parts: [{ text }] })) }));
  }
}
const storage = new Storage({ apiEndpoint: url, projectId: "my-project", useAuthWithCustomEndpoint: false });
const [bucket] = await storage.createBucket("node-data", { location: "us-central1" });
const file = bucket.file("train.jsonl");
await file.save(rows.join("\n"));
const [downloaded] = await file.download();

const here = client("us-central1");
const there = client("us");
const tune = (tunedModelDisplayName) =>
  here.tunings.tune({
    baseModel: "gemini-3.5-flash",
    trainingDataset: { gcsUri: "gs://node-data/train.jsonl" },
    config: { tunedModelDisplayName, epochCount: 4 },
  });
let job = await tune("tickets");
const other = await tune("other");
await here.tunings.cancel({ name: other.name });
while (!["JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED"].includes(job.state)) {
  await new Promise((done) => setTimeout(done, 200));
  job = await here.tunings.get({ name: job.name });
}
const listed = [];
for await (const found of await here.tunings.list({ config: { filter: 'tuned_model_display_name="tickets"' } })) {
  listed.push(found.tunedModelDisplayName);
}
const models = [];
for await (const found of await there.models.list({ config: { queryBase: false } })) {
  models.push(found.labels["tune-type"]);
}
const asked = { model: job.tunedModel.endpoint, contents: "my invoice number 7", config: { temperature: 0 } };
const answer = await there.models.generateContent(asked);
let stream = "";
for await (const part of await there.models.generateContentStream(asked)) {
  stream += part.text ?? "";
}
const form = {
  responseMimeType: "application/json",
  responseSchema: { type: "OBJECT", properties: { label: { type: "STRING", enum: ["billing", "shipping"] } } },
};
const filled = await there.models.generateContent({ ...asked, config: { ...asked.config, ...form } });
const elsewhere = await there.models
  .generateContent({ ...asked, model: asked.model.replace("/us/", "/us-central1/") })
  .then((found) => found.text, (error) => JSON.parse(error.message).error.status);
console.log(
  JSON.stringify({
    downloaded: downloaded.toString() === rows.join("\n"),
    state: job.state,
    cancelled: (await here.tunings.get({ name: other.name })).state,
    listed,
    models,
    answer: answer.text,
    json: filled.text,
    elsewhere,
    stream,
  }),
);
