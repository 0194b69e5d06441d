{{ resolve_rules(ref('signal_rules'), keys=['signal_type', 'parameter'], values=['value']) }}
