-- Sources of rows out of the indexes: each has next(), which returns the next row or nil for good, and `examined`, the
-- number of rows that it has taken from Tarantool. None yields.
local rows = {}

local FIELD_NUMBERS = {id = 1, name = 2, position = 3, salary = 4}
local VALUES_BETWEEN_LOOKS = 10

-- True for what employees can be ordered by.
function rows.is_order(order)
    return FIELD_NUMBERS[order] ~= nil
end

-- The place of a row in an order. Each index ends in the id, so it is the place of no other.
function rows.key_of(order, row)
    if order == 'id' then
        return {row[1]}
    end
    return {row[FIELD_NUMBERS[order]], row[1]}
end

local function iterate(field, key, iterator)
    local gen, param, state = box.space.employees.index[field]:pairs(key, {iterator = iterator}):unwrap()
    return function()
        local row
        state, row = gen(param, state)
        return row
    end
end

local function is_above(range, value)
    return (range.high ~= nil and value > range.high) or (range.below ~= nil and value >= range.below)
end

local function is_below(range, value)
    return range.low ~= nil and value < range.low
end

-- Where to begin in a range: a key and an iterator; nil when all of the range lies before the key `after`.
local function start_upwards(range, after)
    if after ~= nil and is_above(range, after[1]) then
        return nil
    end
    if after ~= nil and not is_below(range, after[1]) then
        return after, 'GT'
    end
    if range.low == nil then
        return {}, 'GE'
    end
    return {range.low}, range.low == range.high and 'EQ' or 'GE'
end

local function start_downwards(range, after)
    if after ~= nil and is_below(range, after[1]) then
        return nil
    end
    if after ~= nil and not is_above(range, after[1]) then
        return after, 'LT'
    end
    if range.below ~= nil then
        return {range.below}, 'LT'
    end
    if range.high == nil then
        return {}, 'LE'
    end
    return {range.high}, range.low == range.high and 'REQ' or 'LE'
end

-- The rows of `ranges` (ascending; nil for all) of one field in the order of its index, from behind the key `after`.
function rows.along(field, ranges, descending, after)
    ranges = ranges or {{}}
    local number = FIELD_NUMBERS[field]
    local start = descending and start_downwards or start_upwards
    local has_left = descending and is_below or is_above
    local source = {examined = 0}
    local taken = 0
    local range, following

    local function open_next_range()
        repeat
            if taken == #ranges then
                return false
            end
            taken = taken + 1
            range = ranges[descending and #ranges + 1 - taken or taken]
            local key, iterator = start(range, after)
            following = key ~= nil and iterate(field, key, iterator) or nil
        until following ~= nil
        return true
    end

    function source.next()
        while following ~= nil or open_next_range() do
            local row = following()
            if row ~= nil then
                source.examined = source.examined + 1
                if not has_left(range, row[number]) then
                    return row
                end
            end
            following = nil
        end
        return nil
    end
    return source
end

-- The rows that have one of `values` in a field, ordered by their ids, from behind the id `after[1]`: its index ends in
-- the id, so each value gives its rows in that order. Nil when the time is over before each value has been looked at.
function rows.merged(field, values, descending, after, is_over)
    local number = FIELD_NUMBERS[field]
    local source = {examined = 0}
    local heads = {}
    local end_iterator = descending and 'REQ' or 'EQ'
    local next_iterator = descending and 'LT' or 'GT'

    local function advance(head)
        local row = head.following()
        if row ~= nil then
            source.examined = source.examined + 1
        end
        if row == nil or row[number] ~= head.value then
            return false
        end
        -- The id is taken out of the row once, not in each comparison.
        head.row, head.id = row, row[1]
        return true
    end

    for i, value in ipairs(values) do
        if i % VALUES_BETWEEN_LOOKS == 0 and is_over() then
            return nil
        end
        local following = after == nil and iterate(field, {value}, end_iterator)
            or iterate(field, {value, after[1]}, next_iterator)
        local head = {value = value, following = following}
        if advance(head) then
            table.insert(heads, head)
        end
    end

    function source.next()
        local first
        for i, head in ipairs(heads) do
            if first == nil or (head.id < heads[first].id) ~= descending then
                first = i
            end
        end
        if first == nil then
            return nil
        end
        local row = heads[first].row
        if not advance(heads[first]) then
            table.remove(heads, first)
        end
        return row
    end
    return source
end

-- Sorts rows by an order, in place.
function rows.sort(list, order, descending)
    local number = FIELD_NUMBERS[order]
    local places = {}
    for _, row in ipairs(list) do
        table.insert(places, {value = row[number], id = row[1], row = row})
    end
    table.sort(places, function(a, b)
        if descending then
            a, b = b, a
        end
        if a.value ~= b.value then
            return a.value < b.value
        end
        return a.id < b.id
    end)
    for i, place in ipairs(places) do
        list[i] = place.row
    end
    return list
end

-- Does a row lie behind the key `after` in this direction?
function rows.is_behind(order, row, descending, after)
    if after == nil then
        return true
    end
    local key = rows.key_of(order, row)
    for i, value in ipairs(key) do
        if value ~= after[i] then
            return (value > after[i]) ~= descending
        end
    end
    return false
end

return rows
