/** What a shell, a terminal or a login keeps for itself: another value says nothing of the app. */
const SESSION = new Set([
  ...[
    '_',
    'PWD',
    'OLDPWD',
    'SHLVL',
    'TERM',
    'COLORTERM',
    'COLUMNS',
    'LINES',
    'LS_COLORS',
    'PS1',
    'PROMPT_COMMAND',
  ],
  ...[
    'WINDOWID',
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'XAUTHORITY',
    'TMUX',
    'TMUX_PANE',
    'STY',
    'WINDOW',
    'GPG_TTY',
  ],
  ...[
    'DBUS_SESSION_BUS_ADDRESS',
    'INVOCATION_ID',
    'JOURNAL_STREAM',
    'MAIL',
    'HISTFILE',
    'HISTCONTROL',
    'HISTSIZE',
    'INIT_CWD',
  ],
]);
const SESSION_PREFIX =
  /^(?:SSH|SUDO|TERM|XDG|VSCODE|ITERM|KITTY|WEZTERM|ALACRITTY|KONSOLE|VTE|GNOME|GTK|LESS|npm|STATEWARD)_|^BASH_FUNC_/;

export function isSessionVariable(name: string): boolean {
  return SESSION.has(name) || SESSION_PREFIX.test(name);
}
