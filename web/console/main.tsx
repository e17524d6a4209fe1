import './api/operations.js';
