"""The product itself: takes messages in, decides who answers, runs the assistant's actions, joins people."""
