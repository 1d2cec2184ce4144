import { useState } from 'preact/hooks';
import { logIn, refusal } from '../link/session.ts';

/** Shown to who is nobody yet, or not any more. */
export function Login() {
  const [token, setToken] = useState('');
  return (
    <main class="alone">
      <form
        class="card login"
        onSubmit={(event) => {
          event.preventDefault();
          void logIn(token.trim());
        }}
      >
        <h1>
          <span class="logo" aria-hidden="true">
            ≡
          </span>
          stateward
        </h1>
        <p>
          <code>stateward dash</code> prints a link that opens this page. A token works too:
        </p>
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        {refusal.value !== null && (
          <p role="alert" class="problem">
            {refusal.value}
          </p>
        )}
        <button type="submit" class="primary" disabled={token.trim() === ''}>
          Log in
        </button>
      </form>
    </main>
  );
}
