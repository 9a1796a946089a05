import './base.css';
import './page.css';
import './trace.css';
import { h, render } from 'preact';
import { App } from './app.ts';
import { applyTheme, storedTheme } from './theme.ts';

applyTheme(storedTheme());
render(h(App, {}), document.getElementById('app') as HTMLElement);
