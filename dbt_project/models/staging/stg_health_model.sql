{{ resolve_rules(ref('health_model'), keys=['component'], values=['weight', 'score_0_at', 'score_100_at']) }}
