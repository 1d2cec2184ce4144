// It says how long its secrets are, and never what they are.
const { API_TOKEN = '', DB_PASSWORD = '', LOG_LEVEL = 'info' } = process.env;
console.log(`${LOG_LEVEL}: password of ${DB_PASSWORD.length}, token of ${API_TOKEN.length} characters`);
setInterval(() => undefined, 60_000);
