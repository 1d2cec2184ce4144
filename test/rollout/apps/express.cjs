const express = require('express');
const { address, answer } = require('./answer.cjs');

const app = express();
app.get('/', (request, response) => answer().then((text) => response.send(text)));
app.listen(address.port, address.host);
