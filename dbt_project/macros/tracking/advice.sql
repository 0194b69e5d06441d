{#- What to do about an issue of the tracking plan, in one sentence. -#}
{% macro issue_advice(issue) -%}
    case {{ issue }}
        {%- for code, advice in {
            'unplanned': 'Add the event to seeds/tracking_plan.csv, or stop sending it.',
            'near_miss': 'Send the event by its planned name, or list the other name in also_sent_as of seeds/tracking_plan.csv.',
            'never_seen': 'Send the event, or make it optional in seeds/tracking_plan.csv.',
            'property_missing': 'Send the property with every event, or make it optional in seeds/tracking_plan_properties.csv.',
            'property_wrong_type': 'Send the property as the JSON type that the plan names.',
            'property_not_allowed': 'Send one of the allowed values, or add the value to allowed_values.',
            'property_not_hashed': 'Send the SHA-256 of the value, not the value itself.',
            'property_near_miss': 'Send the property by its planned name, or list the other name in also_sent_as.',
            'pii_in_property': 'Do not send personal data in properties: send its hash, or leave it out.',
            'group_missing': 'Send the group with the call: its account is only derived from other calls.',
            'no_account': 'Send the group with the call, or identify the user with account_id: it is no event of any account.',
            'group_undefined': 'Send a group call that defines the group, with its group_type and parent_group_id.',
            'group_conflict': 'Reset the groups when the account is switched: the call names groups of two accounts.',
            'group_level_wrong': 'Send the event with a group of the planned type.',
            'trait_missing': 'Set the trait by an identify or group call.',
            'trait_wrong_type': 'Send the trait as the JSON type that seeds/trait_plan.csv names.',
        }.items() %}
        when '{{ code }}' then '{{ advice }}'
        {%- endfor %}
    end
{%- endmacro %}
