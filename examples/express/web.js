const express = require('express');

const { PORT, VERSION, STATEWARD_SLOT } = process.env;
// Stands for a bug that only shows when the app starts.
if (VERSION === 'bad') throw new Error('cannot find the table "orders"');

const app = express();
app.get('/healthz', (_request, response) => response.send('ok\n'));
app.get('/slow', (_request, response) => setTimeout(() => response.send(`${VERSION}, after 3 s\n`), 3000));
app.get('/', (_request, response) =>
  response.send(`${VERSION} from slot ${STATEWARD_SLOT}, process ${process.pid}\n`),
);
app.listen(Number(PORT), '127.0.0.1');
