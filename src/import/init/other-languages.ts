import type { Folder, Runnable } from './folder.ts';

/** What a folder without a package of npm runs, as far as its files tell; null: they do not. */
export function otherLanguage(folder: Folder): Runnable | null {
  return python(folder) ?? go(folder) ?? rust(folder) ?? plainScript(folder);
}

function python(folder: Folder): Runnable | null {
  const isProject = ['pyproject.toml', 'requirements.txt', 'setup.py', 'Pipfile'].some((name) =>
    folder.isFile(name),
  );
  const needs =
    `${folder.read('requirements.txt') ?? ''}\n${folder.read('pyproject.toml') ?? ''}`.toLowerCase();
  const entry = ['main.py', 'app.py', 'server.py', 'src/main.py', 'app/main.py'].find((name) =>
    folder.isFile(name),
  );
  const venv = ['.venv', 'venv'].find((name) => folder.isFile(`${name}/bin/python`));
  const interpreter = venv === undefined ? {} : { interpreter: `./${venv}/bin/python` };
  const base = { name: folder.name, env: {}, isNode: false };
  if (folder.isFile('manage.py')) {
    const fields = { script: './manage.py', ...interpreter, args: ['runserver', '--noreload'] };
    const note =
      'the server for development: for others, write gunicorn or uvicorn as script, from the virtual environment';
    return { ...base, fields, seen: 'manage.py is here (Django)', note };
  }
  if (entry === undefined) return null;
  const server = venv === undefined ? null : `${venv}/bin/uvicorn`;
  if (/\b(?:fastapi|starlette)\b/.test(needs) && server !== null && folder.isFile(server)) {
    const module = entry.replace(/\.py$/, '').replaceAll('/', '.');
    const fields = {
      script: `./${server}`,
      args: [`${module}:app`, '--host', '127.0.0.1', '--port', '8000'],
    };
    return {
      ...base,
      fields,
      seen: `${entry} and uvicorn are here`,
      note: `if the application is not called app in ${entry}, write its name`,
    };
  }
  const note =
    isProject && venv === undefined ? 'with a virtual environment: interpreter: ./.venv/bin/python' : null;
  return { ...base, fields: { script: `./${entry}`, ...interpreter }, seen: `${entry} is here`, note };
}

function go(folder: Folder): Runnable | null {
  const module = /^module\s+(\S+)/m.exec(folder.read('go.mod') ?? '')?.[1];
  if (module === undefined) return null;
  const name = module.replace(/\/v\d+$/, '').replace(/^.*\//, '');
  return built(folder, name, `./${name}`, 'go.mod is here', 'go build');
}

function rust(folder: Folder): Runnable | null {
  const text = folder.read('Cargo.toml');
  const name = /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms.exec(text ?? '')?.[1];
  if (name === undefined) return null;
  return built(folder, name, `./target/release/${name}`, 'Cargo.toml is here', 'cargo build --release');
}

function built(folder: Folder, name: string, script: string, seen: string, build: string): Runnable {
  const note = folder.isFile(script.slice(2)) ? null : `${script} is not there yet: ${build}`;
  return { name, fields: { script }, env: {}, seen, note, isNode: false };
}

function plainScript(folder: Folder): Runnable | null {
  const script = [
    'server.js',
    'app.js',
    'index.js',
    'main.js',
    'server.mjs',
    'index.mjs',
    'start.sh',
    'run.sh',
  ].find((name) => folder.isFile(name));
  if (script === undefined) return null;
  const isNode = /\.m?js$/.test(script);
  return {
    name: folder.name,
    fields: { script: `./${script}` },
    env: {},
    seen: `${script} is here`,
    note: null,
    isNode,
  };
}
