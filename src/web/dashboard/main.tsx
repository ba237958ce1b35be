import './style/base.css';
import './style/parts.css';
import './style/pages.css';
import { render } from 'preact';
import { App } from './shell/app.js';

const root = document.getElementById('dashboard');
if (root) render(<App />, root);
