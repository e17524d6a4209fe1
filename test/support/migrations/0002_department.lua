-- A migration as an operator would write it: a field, an index on it, and a value for the rows that are there already.
local BATCH = 100

local function has_field(space, name)
    for _, field in ipairs(space:format()) do
        if field.name == name then
            return true
        end
    end
    return false
end

-- In small transactions, with room for writers between them. The row is looked at where it is changed: it may be gone, or a newer
-- version may have written it.
local function fill(space)
    local last = 0
    while true do
        local ids = {}
        for _, row in space:pairs({last}, {iterator = 'GT'}):take(BATCH) do
            table.insert(ids, row.id)
        end
        if #ids == 0 then
            return
        end
        box.begin()
        for _, id in ipairs(ids) do
            local row = space:get(id)
            if row ~= nil and row.department == nil then
                space:update(id, {{'=', 'department', 'None yet'}})
            end
        end
        require('replicaset.leadership').commit(5)
        last = ids[#ids]
    end
end

return function()
    local employees = box.space.employees
    if not has_field(employees, 'department') then
        local fields = employees:format()
        table.insert(fields, {name = 'department', type = 'string', is_nullable = true})
        employees:format(fields)
    end
    employees:create_index('department', {
        parts = {{field = 'department', is_nullable = true}, {field = 'id'}},
        unique = false,
        if_not_exists = true,
    })
    fill(employees)
end
