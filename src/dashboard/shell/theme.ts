import { computed, effect, signal } from '@preact/signals';

const KEY = 'stateward-theme';
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const known = THEMES.find((one) => one === localStorage.getItem(KEY));
export const theme = signal<Theme>(known ?? 'system');

const preference = matchMedia('(prefers-color-scheme: dark)');
const prefersDark = signal(preference.matches);
preference.addEventListener('change', ({ matches }) => (prefersDark.value = matches));

/** The colours that are shown. */
export const shade = computed(() => {
  if (theme.value !== 'system') return theme.value;
  return prefersDark.value ? 'dark' : 'light';
});

effect(() => {
  document.documentElement.dataset['theme'] = shade.value;
  localStorage.setItem(KEY, theme.value);
});

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
}
