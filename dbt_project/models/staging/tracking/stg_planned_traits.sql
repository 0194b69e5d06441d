{{ resolve_rules(ref('trait_plan'), keys=['entity', 'trait'], values=['requirement', 'type']) }}
