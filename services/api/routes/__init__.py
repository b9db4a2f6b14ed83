"""The routes of the api, a module for each subject."""
