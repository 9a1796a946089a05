import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { html } from './html.ts';

export function Login({ refused, onToken }: { refused: boolean; onToken: (token: string) => void }): VNode {
  const [token, setToken] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (token.trim()) onToken(token.trim());
  };
  return html`<main class="login">
    <form onSubmit=${submit}>
      <h1>Consonant</h1>
      <label for="token">Access token</label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        autofocus
        value=${token}
        onInput=${(event: Event) => setToken((event.target as HTMLInputElement).value)}
      />
      ${refused ? html`<p class="error" role="alert">This token is not accepted.</p>` : null}
      <button type="submit">Open</button>
      <p class="muted">The backend prints it when it starts.</p>
    </form>
  </main>`;
}
