import { basename, join, resolve } from 'node:path';
import ts from 'typescript';
import { STREAMS } from '../../src/api/contract/endpoints/streams.ts';
import { CALLS } from '../../src/api/contract/endpoints/table.ts';
import { ERROR_CODES } from '../../src/lib/error-codes.ts';
import { REASONS } from '../../src/plan/model/reasons.ts';
import { shapeOf, type NamedLists, type Shape } from './shape.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Names that are told in many places. */
export const LISTS: NamedLists = new Map([
  ['Reason', quoted(Object.keys(REASONS))],
  ['ErrorCode', quoted(Object.keys(ERROR_CODES))],
]);

function quoted(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => JSON.stringify(name)));
}

/**
 * Every shape that others may rely on, by its name, as the types of the code have it: what each endpoint takes (`>`) and
 * gives (`<`), and what each command prints with `-o json`.
 */
export function contractShapes(): ReadonlyMap<string, Shape> {
  const table = join(ROOT, 'src/api/contract/endpoints/backend.ts');
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  /** What others are given beside the API, by the file and the name of its type. */
  const given = [
    ['hook on_failure <', join(ROOT, 'src/api/contract/wire/events.ts'), 'FailureReport'],
    ['notification <', join(ROOT, 'src/notify/render/notification.ts'), 'Notification'],
  ] as const;
  const program = ts.createProgram(
    [table, ...given.map(([, file]) => file), join(ROOT, 'src/cli/main.ts'), join(ROOT, 'src/bin.ts')],
    options,
  );
  const checker = program.getTypeChecker();
  const shape = (...types: readonly ts.Type[]): Shape => shapeOf(types, checker, LISTS);
  const named = (name: string): ts.Type => {
    const file = program.getSourceFile(table);
    const found = file?.statements.find(
      (statement): statement is ts.TypeAliasDeclaration =>
        ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
    );
    if (found === undefined) throw new Error(`no type ${name}`);
    return checker.getTypeAtLocation(found);
  };
  const shapes = new Map<string, Shape>();
  for (const [name, { method, path }] of Object.entries({ ...CALLS, ...STREAMS })) {
    for (const [mark, type] of [
      ['>', named('Requests')],
      ['<', named('Answers')],
    ] as const) {
      const property = type.getProperty(name);
      if (property === undefined) throw new Error(`${name} has no type`);
      shapes.set(`${method} ${path} ${mark}`, shape(checker.getTypeOfSymbol(property)));
    }
  }
  for (const [name, file, typeName] of given) {
    const type = program
      .getSourceFile(file)
      ?.statements.filter(ts.isInterfaceDeclaration)
      .find((statement) => statement.name.text === typeName);
    if (type === undefined) throw new Error(`no type ${typeName}`);
    shapes.set(name, shape(checker.getTypeAtLocation(type)));
  }
  for (const [file, types] of printedTypes(program, checker)) shapes.set(`${file} -o json`, shape(...types));
  return shapes;
}

/** Commands of these folders are named with them. */
const GROUPS = [
  '/daemon/',
  '/rollout/',
  '/commands/source/',
  '/commands/env/',
  '/commands/notify/',
  '/commands/token/',
  '/commands/config/',
  '/commands/session/',
];

/** What prints its first argument as JSON; `itemListText` is given by a command what the command prints. */
const PRINTERS = /^(renderJson(Line)?|itemListText)$/;
const LIST_TEXT = join(ROOT, 'src/cli/items/list-text.ts');

/** The types of everything that is printed as JSON, by the name of the file that does it. */
function printedTypes(program: ts.Program, checker: ts.TypeChecker): ReadonlyMap<string, readonly ts.Type[]> {
  const printed = new Map<string, ts.Type[]>();
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.startsWith(join(ROOT, 'src/cli/')) || file.fileName === LIST_TEXT) continue;
    const group = GROUPS.find((folder) => file.fileName.includes(folder));
    const isLogs = file.fileName.endsWith('/cli/logs/line-printer.ts');
    const isMain = file.fileName.endsWith('/cli/run-command.ts');
    const command = isLogs ? 'logs' : isMain ? 'main' : basename(file.fileName, '.ts');
    const place = file.fileName.includes('/cli/targets/verbs/') ? ' --target kubernetes' : '';
    const name = `${group === undefined ? '' : `${basename(group)} `}${command}${place}`;
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && PRINTERS.test(node.expression.getText(file))) {
        const [argument] = node.arguments;
        if (argument !== undefined) {
          printed.set(name, [...(printed.get(name) ?? []), checker.getTypeAtLocation(argument)]);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return printed;
}
