const { writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

let visits = 0;
createServer((_request, response) => {
  visits += 1;
  writeFileSync(join(__dirname, 'visits.js'), `module.exports = ${visits};\n`);
  response.end(`visit ${visits}\n`);
}).listen(process.env.PORT);
