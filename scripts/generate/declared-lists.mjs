/** Files that declare a list of items: their schema, what is made of it, and what the page says before its table. */
export const DECLARED_LISTS = [
  {
    item: 'source',
    file: 'schema/sources.schema.json',
    types: 'src/config/generated/sources-file.ts',
    fields: 'src/config/generated/source-fields.ts',
    validate: 'src/config/generated/validate-sources',
    page: 'docs/reference/sources-file.md',
    title: 'sources.yaml',
    head: [
      'Every key of a source. [GitOps](../gitops.md) says how they work together. Paths are relative to the folder of the file.',
      '',
      '```yaml',
      '# yaml-language-server: $schema=./node_modules/stateward/schema/sources.schema.json',
      'sources:',
      '  - name: local',
      '    follow: ./ecosystem.yaml',
      '```',
    ],
  },
  {
    item: 'receiver',
    file: 'schema/notify.schema.json',
    types: 'src/config/generated/notify-file.ts',
    fields: 'src/config/generated/receiver-fields.ts',
    validate: 'src/config/generated/validate-notify',
    page: 'docs/reference/notify-file.md',
    title: 'notify.yaml',
    head: [
      'Every key of a receiver. [Notifications](../notifications.md) says how they work together. Paths are relative to the folder of the file.',
      '',
      '```yaml',
      '# yaml-language-server: $schema=./node_modules/stateward/schema/notify.schema.json',
      'receivers:',
      '  - name: ops',
      '    webhook: { url_file: ./ops.url, secret_file: ./ops.secret }',
      '```',
    ],
  },
];

/** The settings of a home: a file that is no list, so its keys are those at its root. */
export const SETTINGS_FILE = {
  item: null,
  file: 'schema/config.schema.json',
  fields: 'src/home/settings/generated/setting-fields.ts',
  validate: 'src/config/generated/validate-settings',
  page: 'docs/reference/config-file.md',
  title: 'config.yaml',
  head: [
    'Every key of the settings of a home. [Settings](../settings.md) says how they are set and taken over. Paths are relative to the home.',
    '',
    '```yaml',
    'http:',
    '  listen: 127.0.0.1:9615',
    'limits:',
    '  builds: 2',
    '```',
  ],
};
