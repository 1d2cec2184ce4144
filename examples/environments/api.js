const { LOG_LEVEL, REGION, API_TOKEN, PORT } = process.env;
console.log(`level ${LOG_LEVEL}, region ${REGION}, port ${PORT}, token of ${API_TOKEN.length} characters`);
setInterval(() => {}, 60_000);
