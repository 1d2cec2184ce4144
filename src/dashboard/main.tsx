import { effect } from '@preact/signals';
import { render } from 'preact';
import { beginFeed } from './link/feed.ts';
import { begin, session } from './link/session.ts';
import { Shell } from './shell/shell.tsx';
import './shell/theme.ts';

let isFollowing = false;
effect(() => {
  if (session.value == null || isFollowing) return;
  isFollowing = true;
  beginFeed();
});

const root = document.getElementById('root');
if (root !== null) render(<Shell />, root);
void begin();
